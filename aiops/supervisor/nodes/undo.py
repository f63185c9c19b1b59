"""Undo a change that did not help."""

from __future__ import annotations

from aiops.core.action import Action
from aiops.core.errors import ActionRefusedError, ConflictError, DeniedError
from aiops.core.incident import EventKind, State
from aiops.supervisor import rules
from aiops.supervisor.changes import tell_undone
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from aiops.tools.kit import operations


async def undo(services: Services, state: GraphState) -> GraphState:
    """Put back what the last action changed.

    Where that is not allowed (the kill switch stops undoing too), or somebody else has changed it since, a person
    must decide.
    """
    action = state["action"]
    if action is None:
        raise ActionRefusedError("there is no action to undo")
    incident_id = state["incident_id"]
    journal = services.journal(incident_id)
    undone = await journal.applied(operations.undo_id(action.id)) is not None
    try:
        if not undone:
            rules.check_switch(services.store)
        await operations.undo(services.context, action, journal)
    except ConflictError as error:
        return _not_undone(services, incident_id, action, str(error), "somebody has built on it since")
    except (ActionRefusedError, DeniedError) as error:
        return _not_undone(services, incident_id, action, str(error), "it may not be undone")
    services.writers.release(incident_id)
    verdict = state["verdict"]
    why = "another cause stands, and no proposal is left for it" if verdict.cured else verdict.outcome
    services.store.transition(incident_id, State.UNDONE, "supervisor", f"{why}: undone")
    tell_undone(services.store, incident_id, action)
    return {"tried": [*state["tried"], action.proposal], "action": None, "outcome": None}


def _not_undone(services: Services, incident_id: str, action: Action, reason: str, because: str) -> GraphState:
    text = f"not undone: {reason}"
    services.store.add_event(incident_id, EventKind.NOTE, "supervisor", text, key=f"{action.id}-not-undone")
    return {"outcome": State.ESCALATED, "because": f"the change did not help and is still in place: {because}"}
