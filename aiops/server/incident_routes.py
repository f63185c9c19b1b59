"""Incidents: how they come in, their timelines, and what is drawn of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from aiops.agents.propagation import Propagation
from aiops.clients import alertmanager
from aiops.core.incident import Incident, IncidentEvent, Signal
from aiops.server.charts import Charts, charts
from aiops.server.requests import Namespace, TheEngine
from aiops.supervisor.postmortem.html import document
from aiops.supervisor.postmortem.markdown import markdown

router = APIRouter()

LARGEST_SEQ = 2**53
"""Numbers of events are JSON numbers, which browsers hold exactly up to this."""


class Received(BaseModel):
    """The incidents that the alerts of a notification belong to."""

    incidents: list[str]


class Postmortem(BaseModel):
    """One document in two forms: markdown, and HTML that needs no other file."""

    markdown: str
    html: str


class InvestigationRequest(BaseModel):
    """A person asks to look at a namespace."""

    model_config = ConfigDict(extra="forbid")

    namespace: Namespace
    question: str = Field("Is anything wrong?", min_length=1, max_length=1000)


@router.post("/webhooks/alertmanager")
async def receive_alerts(engine: TheEngine, notification: alertmanager.Notification) -> Received:
    """Take Alertmanager's notification (version 4). The alerts are stored when this answers."""
    received_at = await engine.clock.sync()
    return Received(incidents=engine.receive(alertmanager.signals(notification, received_at)))


@router.post("/api/investigations")
async def investigate(engine: TheEngine, body: InvestigationRequest) -> Received:
    """Start an investigation without an alert."""
    moment = await engine.clock.sync()
    key = hashlib.sha256(f"{body.namespace}:{body.question}:{moment}".encode()).hexdigest()[:16]
    signal = Signal(
        id=key,
        kind="question",
        title=body.question,
        labels={"namespace": body.namespace},
        fingerprint=key,
        starts_at=moment,
        received_at=moment,
    )
    return Received(incidents=engine.receive([signal]))


@router.get("/api/incidents")
async def incidents(engine: TheEngine) -> list[Incident]:
    """All incidents, newest first."""
    return engine.store.incidents()


@router.get("/api/incidents/{incident_id}")
async def incident(engine: TheEngine, incident_id: str) -> Incident:
    """One incident."""
    return engine.store.incident(incident_id)


@router.get("/api/incidents/{incident_id}/events")
async def events(
    engine: TheEngine, incident_id: str, after: Annotated[int, Query(ge=0, le=LARGEST_SEQ)] = 0
) -> list[IncidentEvent]:
    """The timeline, oldest first, from the event behind `after`."""
    engine.store.incident(incident_id)
    return engine.store.events(incident_id, after)


@router.get("/api/incidents/{incident_id}/stream")
async def stream(
    engine: TheEngine, incident_id: str, last_event_id: Annotated[int, Header(ge=0, le=LARGEST_SEQ)] = 0
) -> EventSourceResponse:
    """The timeline as server-sent events, to the incident's end; `Last-Event-ID` continues a broken connection."""
    engine.store.incident(incident_id)

    async def lines() -> AsyncIterator[ServerSentEvent]:
        async for event in engine.follow(incident_id, last_event_id):
            yield ServerSentEvent(data=event.model_dump_json(), event=event.kind, id=str(event.seq))

    return EventSourceResponse(lines())


@router.get("/api/incidents/{incident_id}/topology")
async def topology(engine: TheEngine, incident_id: str) -> Propagation:
    """Who calls whom around an incident, and the way from its cause to the users."""
    return await engine.propagation(incident_id)


@router.get("/api/incidents/{incident_id}/evidence/{evidence_id}/charts")
async def evidence_charts(engine: TheEngine, incident_id: str, evidence_id: str) -> Charts:
    """The series behind an evidence, read again now. 404 where it rests on no series."""
    return charts(*await engine.series(incident_id, evidence_id))


@router.get("/api/incidents/{incident_id}/postmortem")
async def postmortem(engine: TheEngine, incident_id: str) -> Postmortem:
    """What happened, what it cost users, why, and what was ruled out. Telemetry is read again now."""
    told = await engine.postmortem(incident_id)
    return Postmortem(markdown=markdown(told), html=document(told))
