"""Remember how things stand right before a change."""

from __future__ import annotations

from aiops.agents.verification import take_baseline
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def baseline(services: Services, state: GraphState) -> GraphState:
    """A step of its own: its checkpoint is written before the change, so a restart compares with the same moment."""
    await services.clock.sync()
    async with services.clock.frozen():
        return {"before": await take_baseline(state["scope"], services.context)}
