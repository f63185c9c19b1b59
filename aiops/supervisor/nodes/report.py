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
    outcome, because = _outcome(state)
    incident = services.store.incident(incident_id)
    cited = await cite(services, state)
    text = markdown(incident, outcome, because, state.get("diagnosis"), evidence_of(state), services.store, cited)
    services.writers.release(incident_id)
    services.store.add_event(incident_id, EventKind.REPORT, "supervisor", text, {"outcome": outcome}, key="report")
    services.store.transition(incident_id, outcome, "supervisor", because)
    return {}


def _outcome(state: GraphState) -> tuple[State, str]:
    """How it ended, and why. Where a change was kept and all is well at the next look, it was the change."""
    outcome = state.get("outcome") or State.ESCALATED
    if outcome is State.CLOSED_NO_FAULT and state.get("cured"):
        return State.RESOLVED, "all is well since the change that was kept"
    return outcome, state.get("because", "")
