"""The public HTTP API."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from aiops.agents.propagation import Propagation
from aiops.clients import alertmanager
from aiops.core.incident import Incident, IncidentEvent, Signal
from aiops.server.charts import Charts, charts
from aiops.supervisor.approval import Approval, Decision
from aiops.supervisor.engine import Engine

router = APIRouter()

LARGEST_SEQ = 2**53
"""Numbers of events are JSON numbers, which browsers hold exactly up to this."""


class Received(BaseModel):
    """The incidents that the alerts of a notification belong to."""

    incidents: list[str]


class Question(BaseModel):
    """A person asks to look at a namespace."""

    model_config = ConfigDict(extra="forbid")

    namespace: str = Field(max_length=63, pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$")
    question: str = Field("Is anything wrong?", min_length=1, max_length=1000)


class Answer(BaseModel):
    """A person's answer to an approval; `digest` is the one that the approval was shown with."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["approved", "denied"]
    digest: str
    actor: str = Field("operator", max_length=200)
    reason: str = Field("", max_length=2000)


class Undo(BaseModel):
    """A person wants a change taken back."""

    model_config = ConfigDict(extra="forbid")

    actor: str = Field("operator", min_length=1, max_length=200)
    reason: str = Field("", max_length=2000)


class Undone(BaseModel):
    """The action whose change is not there any more."""

    action: str
    undone: bool = True


class KillSwitch(BaseModel):
    """Whether all changes are stopped, and by whom."""

    stopped: bool
    actor: str | None = None


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Is the process up? Open to everybody."""
    return {"status": "ok"}


@router.get("/api/status")
async def status(request: Request) -> dict[str, Any]:
    """What the assistant sees of the cluster now, and which limits hold."""
    return await _engine(request).status()


@router.post("/webhooks/alertmanager")
async def receive_alerts(request: Request, notification: alertmanager.Notification) -> Received:
    """Take Alertmanager's notification (version 4). The alerts are stored when this answers."""
    engine = _engine(request)
    received_at = await engine.clock.sync()
    return Received(incidents=engine.receive(alertmanager.signals(notification, received_at)))


@router.post("/api/investigations")
async def investigate(request: Request, question: Question) -> Received:
    """Start an investigation without an alert."""
    engine = _engine(request)
    moment = await engine.clock.sync()
    key = hashlib.sha256(f"{question.namespace}:{question.question}:{moment}".encode()).hexdigest()[:16]
    signal = Signal(
        id=key,
        kind="question",
        title=question.question,
        labels={"namespace": question.namespace},
        fingerprint=key,
        starts_at=moment,
        received_at=moment,
    )
    return Received(incidents=engine.receive([signal]))


@router.get("/api/incidents")
async def incidents(request: Request) -> list[Incident]:
    return _engine(request).store.incidents()


@router.get("/api/incidents/{incident_id}")
async def incident(request: Request, incident_id: str) -> Incident:
    return _engine(request).store.incident(incident_id)


@router.get("/api/incidents/{incident_id}/events")
async def events(
    request: Request, incident_id: str, after: Annotated[int, Query(ge=0, le=LARGEST_SEQ)] = 0
) -> list[IncidentEvent]:
    """The timeline, oldest first, from the event behind `after`."""
    store = _engine(request).store
    store.incident(incident_id)
    return store.events(incident_id, after)


@router.get("/api/incidents/{incident_id}/stream")
async def stream(
    request: Request, incident_id: str, last_event_id: Annotated[int, Header(ge=0, le=LARGEST_SEQ)] = 0
) -> EventSourceResponse:
    """The timeline as server-sent events, to the incident's end; `Last-Event-ID` continues a broken connection."""
    engine = _engine(request)
    engine.store.incident(incident_id)

    async def lines() -> AsyncIterator[ServerSentEvent]:
        async for event in engine.follow(incident_id, last_event_id):
            yield ServerSentEvent(data=event.model_dump_json(), event=event.kind, id=str(event.seq))

    return EventSourceResponse(lines())


@router.get("/api/approvals")
async def approvals(request: Request, decision: Decision | None = None) -> list[Approval]:
    return _engine(request).store.approvals(decision=decision)


@router.post("/api/approvals/{approval_id}")
async def answer(request: Request, approval_id: str, body: Answer) -> Approval:
    """Approve or deny one action, once. 409: answered before, or the digest is that of another action."""
    return _engine(request).decide(approval_id, body.digest, Decision(body.decision), body.actor, body.reason)


@router.post("/api/actions/{action_id}/undo")
async def undo(request: Request, action_id: str, body: Undo) -> Undone:
    """Take back a change of an incident that has ended, once. 409: not possible now, and why."""
    action = await _engine(request).take_back(action_id, body.actor, body.reason)
    return Undone(action=action.id)


@router.get("/api/incidents/{incident_id}/topology")
async def topology(request: Request, incident_id: str) -> Propagation:
    """Who calls whom around an incident, and the way from its cause to the users."""
    return await _engine(request).propagation(incident_id)


@router.get("/api/incidents/{incident_id}/evidence/{evidence_id}/charts")
async def evidence_charts(request: Request, incident_id: str, evidence_id: str) -> Charts:
    """The series behind an evidence, read again now. 404 where it rests on no series."""
    return charts(*await _engine(request).series(incident_id, evidence_id))


@router.get("/api/kill-switch")
async def kill_switch(request: Request) -> KillSwitch:
    actor = _engine(request).store.changes_stopped_by()
    return KillSwitch(stopped=actor is not None, actor=actor)


@router.put("/api/kill-switch")
async def stop_changes(
    request: Request, actor: Annotated[str, Query(min_length=1, max_length=200)] = "operator"
) -> KillSwitch:
    """Stop all changes at once, those that are approved and not yet made included."""
    _engine(request).store.stop_changes(actor)
    return KillSwitch(stopped=True, actor=actor)


@router.delete("/api/kill-switch")
async def allow_changes(request: Request) -> KillSwitch:
    _engine(request).store.allow_changes()
    return KillSwitch(stopped=False)
