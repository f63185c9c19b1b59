"""Close the incident and say what happened."""

from __future__ import annotations

from aiops.core.incident import EventKind, State
from aiops.supervisor.advice import cite
from aiops.supervisor.kept import diagnosis_to_tell, with_kept
from aiops.supervisor.nodes.diagnose import tell
from aiops.supervisor.report_text import markdown
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def report(services: Services, state: GraphState) -> GraphState:
    """Write the report, free the namespace for others, go to the final state."""
    incident_id = state["incident_id"]
    outcome = state.get("outcome") or State.ESCALATED
    because = with_kept(state.get("because", ""), state)
    incident = services.store.incident(incident_id)
    diagnosis = diagnosis_to_tell(state, outcome)
    if diagnosis is not None and diagnosis != state["diagnosis"]:
        tell(services.store, incident_id, diagnosis, "at-end")
        state = {**state, "diagnosis": diagnosis}
    cited = await cite(services, state)
    text = markdown(incident, outcome, because, diagnosis, services.store, cited)
    services.writers.release(incident_id)
    services.store.add_event(incident_id, EventKind.REPORT, "supervisor", text, {"outcome": outcome}, key="report")
    services.store.transition(incident_id, outcome, "supervisor", because)
    return {"diagnosis": diagnosis} if diagnosis is not None else {}
