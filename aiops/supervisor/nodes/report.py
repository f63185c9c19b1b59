"""Close the incident and say what happened."""

from __future__ import annotations

from aiops.core.incident import EventKind, State
from aiops.supervisor.advice import Advice, advice
from aiops.supervisor.report_text import markdown
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState, evidence_of


async def report(services: Services, state: GraphState) -> GraphState:
    """Write the report, free the namespace for others, go to the final state."""
    incident_id = state["incident_id"]
    outcome = state.get("outcome") or State.ESCALATED
    because = state.get("because", "")
    incident = services.store.incident(incident_id)
    cited = await _cited(services, state)
    text = markdown(incident, outcome, because, state.get("diagnosis"), evidence_of(state), services.store, cited)
    services.writers.release(incident_id)
    services.store.add_event(incident_id, EventKind.REPORT, "supervisor", text, {"outcome": outcome}, key="report")
    services.store.transition(incident_id, outcome, "supervisor", because)
    return {}


async def _cited(services: Services, state: GraphState) -> Advice | None:
    """The runbook that fits, with its event in the timeline."""
    diagnosis = state.get("diagnosis")
    if diagnosis is None:
        return None
    cited = await advice(diagnosis, evidence_of(state), services.library, services.clock.now())
    if cited is not None:
        services.store.add_event(
            state["incident_id"],
            EventKind.EVIDENCE,
            "runbooks",
            cited.evidence.summary,
            cited.evidence.model_dump(mode="json"),
            key=cited.evidence.id,
        )
    return cited
