"""Look whether all is well without a further change, for long enough to be sure: then nothing is changed."""

from __future__ import annotations

from aiops.agents.verification.recovery import recovered
from aiops.analysis.rootcause.from_evidence.witnesses import is_felt
from aiops.core.incident import EventKind, State
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState, evidence_of

LOOK_SECONDS = 30.0


async def recovery(services: Services, state: GraphState, *, step: str) -> GraphState:
    """Close the incident where everybody is well and stays so for the hold time; else go on.

    Where a change was kept it is resolved by that, else the trouble has passed by itself.

    It is looked at twice, and `step` names what was done before: `diagnosed`, or `approved`. Where no cause was found
    there is nothing to lose by looking for a while before people are called.
    """
    named = state["diagnosis"].fault and not state["diagnosis"].abstained
    patience = 0.0 if named else services.settings.hold_seconds
    if not await _gets_well(services, state, patience):
        return {}
    how = "since a change was kept" if state["kept"] else "by itself"
    _tell(services, state, step, f"well again {how}; waiting whether it stays so")
    until = services.clock.now() + services.settings.hold_seconds
    while services.clock.now() < until:
        await services.clock.sleep(LOOK_SECONDS)
        if not await _is_well(services, state):
            _tell(services, state, step, "not well any more")
            return {}
    seen = "no alert fires, users are served as before, and no cause is left to be seen"
    if state["kept"]:
        return {"outcome": State.RESOLVED, "because": f"all is well since a change was kept: {seen}"}
    return {"outcome": State.CLOSED_NO_FAULT, "because": f"it passed by itself: {seen}"}


async def _gets_well(services: Services, state: GraphState, patience: float) -> bool:
    until = services.clock.now() + patience
    while not await _is_well(services, state):
        if services.clock.now() >= until:
            return False
        await services.clock.sleep(LOOK_SECONDS)
    return True


async def _is_well(services: Services, state: GraphState) -> bool:
    if not state["kept"] and any(is_felt(item) for item in evidence_of(state)):
        return False  # what users feel there shows in none of the figures that would tell that it has passed
    async with services.clock.frozen():
        return await recovered(state["scope"], state["diagnosis"], services.context)


def _tell(services: Services, state: GraphState, step: str, text: str) -> None:
    key = f"recovery-{step}-{state['scope'].attempt}-{len(state['tried'])}-{text}"
    services.store.add_event(state["incident_id"], EventKind.STEP, "recovery", text, key=key)
