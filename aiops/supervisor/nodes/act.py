"""Make the approved change, exactly once."""

from __future__ import annotations

from aiops.core.action import Action
from aiops.core.errors import ActionRefusedError, ConflictError, DeniedError, NotFoundError
from aiops.core.incident import EventKind, State
from aiops.supervisor import rules
from aiops.supervisor.changes import tell_made
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from aiops.tools.kit import operations


async def act(services: Services, state: GraphState) -> GraphState:
    """Check the rules once more, then write.

    After a crash what was made is not made again; no rule stops a change that is made already from being verified.
    """
    action = state["action"]
    if action is None:
        raise ActionRefusedError("there is no action to make")
    incident_id = state["incident_id"]
    journal = services.journal(incident_id)
    made = await operations.made(services.context, action, journal)
    try:
        await services.clock.sync()
        if len(made) < len(action.edits):
            rules.check(action, services.settings, services.store, services.writers, services.clock.now())
        services.store.transition(incident_id, State.ACTING, "supervisor", f"making {action.proposal.tool}")
        await operations.apply(services.context, action, journal)
    except (ActionRefusedError, DeniedError) as error:
        text = f"made in part ({', '.join(map(str, made))}): {error}" if made else f"not made: {error}"
        services.store.add_event(incident_id, EventKind.NOTE, "supervisor", text, key=f"{action.id}-no")
        return {"outcome": State.ESCALATED, "because": f"the change was refused: {error}"}
    except (ConflictError, NotFoundError) as error:
        return _replan(services, state, action, f"not made: {error}")
    tell_made(services.store, incident_id, action)
    return {"outcome": None}


def _replan(services: Services, state: GraphState, action: Action, reason: str) -> GraphState:
    """Somebody else is at work on the same object: what was found before need not hold any more."""
    incident_id = state["incident_id"]
    services.store.add_event(incident_id, EventKind.NOTE, "supervisor", reason)
    services.writers.release(incident_id)
    services.store.transition(incident_id, State.DIAGNOSING, "supervisor", "the cluster changed meanwhile")
    return {"action": None, "tried": [*state["tried"], action.proposal]}
