"""From an event of the timeline to the message that people get: what was known at that moment, redacted, bounded."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiops.clients.notifiers.message import Cause, Message, Occasion, ProposedChange
from aiops.core.action import Action
from aiops.core.diagnosis import Diagnosis
from aiops.core.errors import NotFoundError
from aiops.core.evidence import Source
from aiops.core.incident import EventKind, Incident, IncidentEvent, State
from aiops.core.text import cut, visible
from aiops.supervisor.approval import Decision
from aiops.supervisor.outbox import Entry, occasion_of
from aiops.supervisor.store import Store
from aiops.tools.kit.redaction import redact_model

MOST_TEXT = 4_000
MOST_REPORT = 20_000
MOST_DIFF = 10_000


def message_of(entry: Entry, store: Store, public_url: str | None) -> Message:
    """The same in each try: it holds the timeline up to its event. Raises `NotFoundError`."""
    incident = store.incident(entry.incident)
    told = [event for event in store.events(entry.incident) if event.seq <= entry.seq]
    occasion = occasion_of(told[-1]) if told else None
    if occasion is None:
        raise NotFoundError(f"incident {entry.incident} has no event {entry.seq} to be told")
    report = _last(told, EventKind.REPORT)
    message = Message(
        id=entry.id,
        occasion=occasion,
        at=told[-1].at,
        incident=incident.id,
        title=cut(incident.title, MOST_TEXT),
        namespaces=incident.namespaces,
        state=_state(told),
        summary=cut(_summary(incident, told), MOST_TEXT),
        cause=_cause(told),
        change=_change(told),
        report=cut(report.text, MOST_REPORT) if report else None,
        runbook=_runbook(told),
    )
    body = _legible(redact_model(message).model_dump(mode="json"))
    return Message.model_validate({**body, "link": link_to(public_url, incident.id)})


def _legible(value: Any) -> Any:
    """The same with what cannot be seen written out: what is approved is what is seen."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _legible(item) for key, item in value.items()}
    return [_legible(item) for item in value] if isinstance(value, list) else value


def answered(entry: Entry, store: Store) -> bool:
    """Does a message ask for an approval that nobody can give any more?"""
    event = next(iter(store.events(entry.incident, entry.seq - 1)), None)
    if event is None or event.kind is not EventKind.PROPOSAL:
        return False
    try:
        return store.approval(str(event.data["approval"])).decision is not Decision.PENDING
    except NotFoundError:
        return False


def link_to(public_url: str | None, incident_id: str) -> str | None:
    """The page of an incident, where people approve too; None where nobody said where the page is."""
    return f"{public_url.rstrip('/')}/incident/{quote(incident_id, safe='')}" if public_url else None


def _state(told: list[IncidentEvent]) -> State:
    moved = _last(told, EventKind.TRANSITION)
    if told[-1].kind is EventKind.PROPOSAL:
        return State.AWAITING_APPROVAL
    return State(moved.data["to"]) if moved else State.OPEN


def _summary(incident: Incident, told: list[IncidentEvent]) -> str:
    diagnosis = _last(told, EventKind.DIAGNOSIS)
    event = told[-1]
    if event.kind is EventKind.SIGNAL:
        return event.text or incident.title
    return "\n".join(text for text in (event.text, diagnosis.text if diagnosis else "") if text)


def _cause(told: list[IncidentEvent]) -> Cause | None:
    event = _last(told, EventKind.DIAGNOSIS)
    diagnosis = Diagnosis.model_validate(event.data) if event else None
    if diagnosis is None or not diagnosis.fault or diagnosis.best is None:
        return None
    best = diagnosis.best
    return Cause(
        subject=str(best.subject),
        mechanism=best.mechanism,
        confidence=best.confidence,
        summary=cut(best.summary, MOST_TEXT),
    )


def _runbook(told: list[IncidentEvent]) -> str | None:
    cited = [e for e in told if e.kind is EventKind.EVIDENCE and e.data.get("source") == Source.RUNBOOK]
    return cut(cited[-1].text, MOST_TEXT) if cited else None


def _change(told: list[IncidentEvent]) -> ProposedChange | None:
    event = _last(told, EventKind.PROPOSAL)
    if event is None:
        return None
    action = Action.model_validate(event.data["action"])
    return ProposedChange(
        approval=str(event.data["approval"]),
        tool=action.proposal.tool,
        target=str(action.proposal.target),
        reason=cut(action.proposal.reason, MOST_TEXT),
        expected_effect=cut(action.proposal.expected_effect, MOST_TEXT),
        risk=action.risk,
        diff=cut(action.diff, MOST_DIFF),
    )


def _last(told: list[IncidentEvent], kind: EventKind) -> IncidentEvent | None:
    return next((event for event in reversed(told) if event.kind is kind), None)


def sample(public_url: str | None) -> Message:
    """What `aiops notify test` sends."""
    return Message(
        id="test",
        occasion=Occasion.TEST,
        at=0.0,
        incident="test",
        title="a test message of aiops",
        namespaces=(),
        state=State.OPEN,
        summary="Messages about incidents arrive here. Nothing has happened.",
        link=public_url,
    )
