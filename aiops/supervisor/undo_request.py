"""A person undoes a change after its incident has ended."""

from __future__ import annotations

from aiops.core.action import Action
from aiops.core.errors import ActionRefusedError, NotPossibleError, TransitionError
from aiops.core.incident import State
from aiops.supervisor import rules
from aiops.supervisor.changes import tell_undone
from aiops.supervisor.services import Services
from aiops.tools.kit import operations


async def request_undo(services: Services, action_id: str, actor: str, reason: str) -> Action:
    """Put back what an action changed, exactly once; again, where that was done already, changes nothing.

    Raises `NotFoundError`, `TransitionError` (its incident is still being worked on), `NotPossibleError` (it was
    never made), `ActionRefusedError` (a rule forbids it now), `ConflictError` (somebody has built on it since).
    """
    approval = services.store.approval_of(action_id)
    action, incident_id = approval.action, approval.incident
    state = services.store.incident(incident_id).state
    if not state.final:
        raise TransitionError(f"incident {incident_id} is {state}: what does not help is undone by itself")
    journal = services.journal(incident_id)
    if await journal.intended(action.id) is None:
        raise NotPossibleError(f"action {action.id} was never made, so there is nothing to undo")
    if await journal.applied(operations.undo_id(action.id)) is None:
        await _undo(services, action, incident_id)
    tell_undone(services.store, incident_id, action, actor, reason)
    if services.store.incident(incident_id).state is State.RESOLVED:
        services.store.transition(incident_id, State.ESCALATED, actor, "a person undid a change")
    return action


async def _undo(services: Services, action: Action, incident_id: str) -> None:
    rules.check_switch(services.store)
    namespace = action.proposal.target.namespace
    if holder := services.writers.acquire(namespace, incident_id):
        raise ActionRefusedError(f"incident {holder} is changing namespace {namespace!r} now")
    try:
        await services.clock.sync()
        await operations.undo(services.context, action, services.journal(incident_id))
    finally:
        services.writers.release(incident_id)
