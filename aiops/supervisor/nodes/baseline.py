"""Take the namespace, and remember how things stand in it right before a change."""

from __future__ import annotations

from aiops.agents.verification.verify import take_baseline
from aiops.core.errors import ActionRefusedError
from aiops.core.incident import EventKind
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState

LEASE_SECONDS = 15.0
"""Between two looks whether another incident has finished with the namespace."""


async def baseline(services: Services, state: GraphState) -> GraphState:
    """A step of its own: its checkpoint is written before the change, so a restart compares with the same moment."""
    action, incident_id = state["action"], state["incident_id"]
    if action is None:
        raise ActionRefusedError("there is no action to make")
    namespace = action.proposal.target.namespace
    while holder := services.writers.acquire(namespace, incident_id):
        text = f"waiting for {holder}, which changes {namespace}"
        services.store.add_event(incident_id, EventKind.NOTE, "supervisor", text, key=f"{action.id}-wait")
        await services.clock.sleep(LEASE_SECONDS)
    await services.clock.sync()
    async with services.clock.frozen():
        return {"before": await take_baseline(state["scope"], services.context)}
