"""The checks of cluster state: what one returns, and how it is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity, Subject
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw in one object (`seen_in`).

    `score` in 0..1: how far from normal; `since`: when it began (unix seconds), where the object tells. `summary` is
    one sentence; `observed` quotes the object and is untrusted text.
    """

    subject: Subject
    seen_in: Entity
    summary: str
    observed: str
    score: float
    since: float | None = None
    suggests: tuple[Hypothesis, ...] = ()


Check = Callable[[ClusterState], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class NamedCheck:
    """A check with the name under which evidence cites it."""

    name: str
    run: Check
    whole: tuple[str, ...] = ()


CHECKS: Registry[NamedCheck] = Registry("state check", "aiops.analysis.state.checks")


def check(name: str, *, whole: tuple[str, ...] = ()) -> Callable[[Check], Check]:
    """Register a function as a check. Its docstring says what it looks for. `whole` are the kinds from whose absence it
    concludes: it is left out where some of these could not be read."""

    def register(function: Check) -> Check:
        CHECKS.add(name, NamedCheck(name, function, whole))
        return function

    return register


def blame(
    subject: Subject, mechanism: Mechanism, strength: float, field: str | None = None, wanted: Any = None
) -> tuple[Hypothesis, ...]:
    """The one hypothesis of a finding that speaks for one mechanism."""
    return (Hypothesis(subject=subject, mechanism=mechanism, strength=strength, field=field, wanted=wanted),)


def run_all(state: ClusterState) -> list[tuple[str, Finding]]:
    """(check, finding) of every check, by the check's name."""
    able = [check for check in CHECKS if not state.unread.intersection(check.whole)]
    return [(check.name, finding) for check in able for finding in check.run(state)]
