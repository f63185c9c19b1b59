"""Where and when to look."""

from __future__ import annotations

from aiops.agents.scoping.find_scope import derive_scope
from aiops.core.clock import rfc3339
from aiops.core.incident import EventKind, State
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def scope(services: Services, state: GraphState) -> GraphState:
    """Derive the scope of a round of investigation from the incident's signals and the call graph."""
    incident = services.store.incident(state["incident_id"])
    services.store.transition(incident.id, State.DIAGNOSING, "supervisor", "looking again")
    previous = state.get("scope")
    async with services.clock.frozen():
        context = services.context.reading_once()
        found = await derive_scope(incident.signals, context, attempt=previous.attempt + 1 if previous else 1)
    services.neighbours.learn(found.call_map.calls)
    await services.clock.spend(found.cost)
    text = (
        f"{len(found.call_map.workloads)} workloads, {len(found.call_map.calls)} calls between them; "
        f"looking for trouble since {rfc3339(found.onset)}"
    )
    key = f"scope-{found.attempt}"
    services.store.add_event(incident.id, EventKind.STEP, "scope", text, {"onset": found.onset}, key=key)
    return {"scope": found, "findings": {}, "proposals": None, "action": None}
