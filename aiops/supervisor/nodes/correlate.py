"""Wait a moment for the signals that belong together."""

from __future__ import annotations

from aiops.core.incident import EventKind, State
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def correlate(services: Services, state: GraphState) -> GraphState:
    """Alerts about one trouble come within a minute or so of each other; those of the incident's namespaces join it
    as they come."""
    incident_id = state["incident_id"]
    services.store.transition(incident_id, State.DIAGNOSING, "supervisor", "an investigation begins")
    await services.clock.sleep(services.settings.settle_seconds)
    count = len(services.store.incident(incident_id).signals)
    text = f"{count} signal{'s belong' if count != 1 else ' belongs'} together"
    services.store.add_event(incident_id, EventKind.STEP, "correlation", text, key="correlate")
    return {"tried": [], "kept": [], "proposals": None, "outcome": None}
