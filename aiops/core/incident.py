"""Signals, incidents, the states that an incident goes through and the events that it leaves."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from aiops.core.entity import Entity
from aiops.core.errors import TransitionError
from aiops.core.model import Value


class Signal(Value):
    """Something that says "look here": an alert, a question, a watcher's finding.

    `fingerprint` tells repeats of one alert from another alert. `labels`, `title` and `text` are data from outside.
    """

    id: str
    kind: Literal["alert", "question", "finding"]
    title: str
    text: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    subject: Entity | None = None
    fingerprint: str
    starts_at: float
    received_at: float
    resolved: bool = False


class State(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    DIAGNOSING = "diagnosing"
    AWAITING_APPROVAL = "awaiting_approval"
    ACTING = "acting"
    VERIFYING = "verifying"
    RESOLVED = "resolved"
    UNDONE = "undone"
    ESCALATED = "escalated"
    CLOSED_NO_FAULT = "closed_no_fault"

    @property
    def final(self) -> bool:
        return self in FINAL


FINAL = frozenset({State.RESOLVED, State.ESCALATED, State.CLOSED_NO_FAULT})
"""Nothing is worked on any more."""

TRANSITIONS: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.DIAGNOSING, State.ESCALATED}),
    State.DIAGNOSING: frozenset(
        {State.AWAITING_APPROVAL, State.ACTING, State.RESOLVED, State.ESCALATED, State.CLOSED_NO_FAULT}
    ),
    State.AWAITING_APPROVAL: frozenset(
        {State.ACTING, State.DIAGNOSING, State.RESOLVED, State.ESCALATED, State.CLOSED_NO_FAULT}
    ),
    State.ACTING: frozenset({State.VERIFYING, State.DIAGNOSING, State.ESCALATED}),
    State.VERIFYING: frozenset({State.RESOLVED, State.UNDONE, State.DIAGNOSING, State.ESCALATED}),
    State.UNDONE: frozenset({State.DIAGNOSING, State.ESCALATED}),
    State.RESOLVED: frozenset({State.ESCALATED}),  # a person took the change back
    State.ESCALATED: frozenset(),
    State.CLOSED_NO_FAULT: frozenset(),
}


def check_transition(old: State, new: State) -> None:
    """Raise `TransitionError` where `new` cannot follow `old`."""
    if new not in TRANSITIONS[old]:
        raise TransitionError(f"an incident cannot go from {old} to {new}")


LONGEST_ACTOR = 200
"""Characters of the name of whoever acted."""


class EventKind(StrEnum):
    """What an event of the timeline tells."""

    TRANSITION = "transition"
    SIGNAL = "signal"
    STEP = "step"
    EVIDENCE = "evidence"
    DIAGNOSIS = "diagnosis"
    SUGGESTION = "suggestion"
    PROPOSAL = "proposal"
    DECISION = "decision"
    CHANGE = "change"
    VERIFICATION = "verification"
    NOTE = "note"
    REPORT = "report"


class IncidentEvent(Value):
    """One line of an incident's timeline. `seq` counts from 1 within the incident; `at` is the incident's clock."""

    incident: str
    seq: int
    at: float
    kind: EventKind
    actor: str
    text: str
    data: dict[str, Any] = Field(default_factory=dict)


class Incident(Value):
    """Signals that belong together, and where their resolution stands."""

    id: str
    title: str
    state: State
    namespaces: tuple[str, ...]
    signals: tuple[Signal, ...]
    opened_at: float
    updated_at: float
