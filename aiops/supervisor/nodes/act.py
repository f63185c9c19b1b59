"""Make the approved change, exactly once."""

from __future__ import annotations

from aiops.core.action import Action
from aiops.core.errors import ActionRefusedError, ConflictError, DeniedError, NotFoundError
from aiops.core.incident import EventKind, State
from aiops.supervisor import gate
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState
from aiops.tools import operations

LEASE_SECONDS = 15.0
"""Between two looks whether another incident has finished with the namespace."""


async def act(services: Services, state: GraphState) -> GraphState:
    """Check the rules once more, wait for the namespace, then write. After a crash, what was made is not made again."""
    action = state["action"]
    if action is None:
        raise ActionRefusedError("there is no action to make")
    incident_id = state["incident_id"]
    while holder := services.writers.acquire(action.proposal.target.namespace, incident_id):
        text = f"waiting for {holder}, which changes {action.proposal.target.namespace}"
        services.store.add_event(incident_id, EventKind.NOTE, "supervisor", text, key=f"{action.id}-wait")
        await services.clock.sleep(LEASE_SECONDS)
    try:
        await services.clock.sync()
        gate.check(action, services.settings, services.store, services.writers, services.clock.now())
        services.store.transition(incident_id, State.ACTING, "supervisor", f"making {action.proposal.tool}")
        await operations.apply(services.context, action, services.journal(incident_id))
    except (ActionRefusedError, DeniedError) as error:
        services.store.add_event(incident_id, EventKind.NOTE, "supervisor", f"not made: {error}", key=f"{action.id}-no")
        return {"outcome": State.ESCALATED, "because": f"the change was refused: {error}"}
    except (ConflictError, NotFoundError) as error:
        return _replan(services, state, action, f"not made: {error}")
    _tell(services, incident_id, action)
    return {"outcome": None}


def _replan(services: Services, state: GraphState, action: Action, reason: str) -> GraphState:
    services.store.add_event(action_incident := state["incident_id"], EventKind.NOTE, "supervisor", reason)
    services.writers.release(action_incident)
    services.store.transition(action_incident, State.DIAGNOSING, "supervisor", "the cluster changed meanwhile")
    return {"action": None, "tried": [*state["tried"], action.proposal]}


def _tell(services: Services, incident_id: str, action: Action) -> None:
    services.store.add_event(
        incident_id,
        EventKind.CHANGE,
        "supervisor",
        f"made {action.proposal.tool} on {action.proposal.target}",
        {
            "action": action.id,
            "tool": action.proposal.tool,
            "arguments": action.proposal.arguments,
            "target": str(action.proposal.target),
            "diff": action.diff,
            "undone": False,
        },
        key=f"{action.id}-made",
    )
