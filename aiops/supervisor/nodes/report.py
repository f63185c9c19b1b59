"""Close the incident and say what happened."""

from __future__ import annotations

from aiops.core.incident import EventKind, State
from aiops.supervisor.advice import cite
from aiops.supervisor.report_text import markdown
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState, evidence_of


async def report(services: Services, state: GraphState) -> GraphState:
    """Write the report, free the namespace for others, go to the final state."""
    incident_id = state["incident_id"]
    outcome = state.get("outcome") or State.ESCALATED
    because = state.get("because", "")
    incident = services.store.incident(incident_id)
    cited = await cite(services, state)
    text = markdown(incident, outcome, because, state.get("diagnosis"), evidence_of(state), services.store, cited)
    services.writers.release(incident_id)
    services.store.add_event(incident_id, EventKind.REPORT, "supervisor", text, {"outcome": outcome}, key="report")
    services.store.transition(incident_id, outcome, "supervisor", because)
    return {}
