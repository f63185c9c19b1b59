"""Take back a change that did not help."""

from __future__ import annotations

from aiops.core.errors import ActionRefusedError, ConflictError
from aiops.core.incident import EventKind, State
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from aiops.tools import operations


async def undo(services: Services, state: GraphState) -> GraphState:
    """Put back what the last action changed. Where somebody else has changed it since, a person must decide."""
    action = state["action"]
    if action is None:
        raise ActionRefusedError("there is no action to undo")
    incident_id = state["incident_id"]
    try:
        await operations.undo(services.context, action, services.journal(incident_id))
    except ConflictError as error:
        text = f"not undone: {error}"
        services.store.add_event(incident_id, EventKind.NOTE, "supervisor", text, key=f"{action.id}-kept")
        return {"outcome": State.ESCALATED, "because": "the change did not help, and somebody has built on it since"}
    services.writers.release(incident_id)
    services.store.transition(incident_id, State.UNDONE, "supervisor", f"{state['verdict'].outcome}: taken back")
    services.store.add_event(
        incident_id,
        EventKind.CHANGE,
        "supervisor",
        f"undid {action.proposal.tool} on {action.proposal.target}",
        {"action": action.id, "tool": action.proposal.tool, "target": str(action.proposal.target), "undone": True},
        key=f"{action.id}-undone",
    )
    return {"tried": [*state["tried"], action.proposal], "action": None, "outcome": None}
