"""Keep a change that cured one of several causes or eased most of the trouble, and look again for what is left."""

from __future__ import annotations

from pydantic import JsonValue

from aiops.core.errors import ActionRefusedError
from aiops.core.incident import EventKind
from aiops.supervisor.kept import KEPT, with_cured_first
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState


async def keep(services: Services, state: GraphState) -> GraphState:
    """Leave the last action in place and free the namespace. Undoing it would bring its cause back, and no cure of
    another cause could then be seen to help."""
    action = state["action"]
    if action is None:
        raise ActionRefusedError("there is no action to keep")
    incident_id = state["incident_id"]
    services.writers.release(incident_id)
    why = "its cause is gone, another one stands" if state["verdict"].cured else "most users are well, not all"
    text = f"kept {action.proposal.tool} on {action.proposal.target}: {why}"
    data: dict[str, JsonValue] = {KEPT: action.id}
    services.store.add_event(incident_id, EventKind.NOTE, "supervisor", text, data, key=f"{action.id}-kept")
    return {
        "tried": [*state["tried"], action.proposal],
        "kept": [*state["kept"], action.proposal],
        "cured": with_cured_first(state["diagnosis"], action.proposal),
        "eased": state["verdict"].eased,
        "action": None,
        "outcome": None,
    }
