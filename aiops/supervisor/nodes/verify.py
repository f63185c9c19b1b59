"""Look whether the change helped, for long enough to be sure."""

from __future__ import annotations

from aiops.agents import verification
from aiops.core.action import Action, Outcome, Verdict
from aiops.core.errors import ActionRefusedError
from aiops.core.incident import EventKind, State
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState

LOOK_SECONDS = 30.0
"""Between two looks."""

WORSE_LOOKS = 2
"""Looks in a row that must say WORSE: a rollout may hurt for a moment."""


async def verify(services: Services, state: GraphState) -> GraphState:
    """Look until it has been BETTER for the hold time, is WORSE, or the time is up."""
    action, incident_id = state["action"], state["incident_id"]
    if action is None:
        raise ActionRefusedError("there is no action to verify")
    services.store.transition(incident_id, State.VERIFYING, "supervisor", "looking whether it helps")
    verdict = await _judge(services, state, action)
    services.store.add_event(
        incident_id,
        EventKind.VERIFICATION,
        "verification",
        _sentence(verdict.outcome),
        verdict.model_dump(mode="json"),
        key=f"{action.id}-verdict",
    )
    if verdict.outcome is Outcome.BETTER:
        return {"verdict": verdict, "outcome": State.RESOLVED, "because": "the service is well again, and stays so"}
    return {"verdict": verdict}


async def _judge(services: Services, state: GraphState, action: Action) -> Verdict:
    settings = services.settings
    looks = max(1, int(settings.verify_timeout_seconds / LOOK_SECONDS))
    better_for, worse_looks, said = 0.0, 0, ""
    verdict = Verdict(outcome=Outcome.UNCHANGED, checks=())
    for look in range(1, looks + 1):
        await services.clock.sleep(LOOK_SECONDS)
        async with services.clock.frozen():
            verdict = await verification.verify(
                state["before"], action, state["diagnosis"], state["scope"], services.context, looks=looks
            )
        better = verdict.outcome is Outcome.BETTER
        better_for = better_for + LOOK_SECONDS if better else 0.0
        worse_looks = worse_looks + 1 if verdict.outcome is Outcome.WORSE else 0
        if better_for > settings.hold_seconds or worse_looks >= WORSE_LOOKS:
            return verdict
        if verdict.outcome != said:
            said = verdict.outcome
            text = "better; holding" if better else f"{said}: {_waiting_for(verdict)}"
            key = f"{action.id}-look-{look}"
            services.store.add_event(state["incident_id"], EventKind.STEP, "verification", text, key=key)
    if verdict.outcome is Outcome.BETTER:  # the time was up before the hold time was
        return verdict.model_copy(update={"outcome": Outcome.UNCHANGED})
    return verdict


def _waiting_for(verdict: Verdict) -> str:
    return "; ".join(check.summary for check in verdict.checks if check.outcome is not Outcome.BETTER) or "no check yet"


def _sentence(outcome: Outcome) -> str:
    return {
        Outcome.BETTER: "the change helped: every check says so",
        Outcome.UNCHANGED: "the change did not help in time",
        Outcome.WORSE: "the change made it worse",
    }[outcome]
