"""Look whether the change helped, for long enough to be sure."""

from __future__ import annotations

from aiops.agents.verification import verify as verification
from aiops.core.action import Action, Outcome, Verdict
from aiops.core.errors import ActionRefusedError
from aiops.core.incident import EventKind, State
from aiops.supervisor.services import Services
from aiops.supervisor.state import GraphState

LOOK_SECONDS = 30.0
"""Between two looks while it is not better yet."""

HOLD_LOOK_SECONDS = 60.0
"""Between two looks while it stays better."""

WORSE_LOOKS = 2
"""Looks in a row that must say WORSE: a rollout may hurt for a moment."""

LOOKS = {Outcome.UNCHANGED: "not well yet", Outcome.WORSE: "worse"}
"""What a look says in words while it is not BETTER."""


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
        _sentence(verdict),
        verdict.model_dump(mode="json"),
        key=f"{action.id}-verdict",
    )
    if verdict.outcome is Outcome.BETTER and verdict.blind:
        because = "the change is in place and its checks pass, but neither alerts nor users could be seen"
        return {"verdict": verdict, "outcome": State.ESCALATED, "because": because}
    if verdict.outcome is Outcome.BETTER:
        return {"verdict": verdict, "outcome": State.RESOLVED, "because": "the service is well again, and stays so"}
    # what helped nobody by itself stays only where another proposal may still cure the other cause
    rounds_left = len(state["tried"]) + 1 < services.settings.max_rounds
    helped = verdict.eased and verdict.outcome is Outcome.UNCHANGED
    return {"verdict": verdict, "stays": helped or (verdict.cured and rounds_left)}


async def _judge(services: Services, state: GraphState, action: Action) -> Verdict:
    settings = services.settings
    looks = max(1, int(settings.verify_timeout_seconds / LOOK_SECONDS))
    deadline = services.clock.now() + settings.verify_timeout_seconds
    better_since: float | None = None
    worse_looks = 0
    said: Outcome | None = None
    verdict = Verdict(outcome=Outcome.UNCHANGED, checks=())
    # What is well when the time is up is given the time to stay so: it took long, and helped.
    while services.clock.now() < deadline or better_since is not None:
        await services.clock.sleep(LOOK_SECONDS if better_since is None else HOLD_LOOK_SECONDS)
        async with services.clock.frozen():
            verdict = await verification.verify(
                state["before"], action, state["diagnosis"], state["scope"], services.context, looks=looks
            )
        now = services.clock.now()
        better_since = (better_since or now) if verdict.outcome is Outcome.BETTER else None
        worse_looks = worse_looks + 1 if verdict.outcome is Outcome.WORSE else 0
        held = better_since is not None and now - better_since >= settings.hold_seconds
        if held or worse_looks >= WORSE_LOOKS:
            return verdict
        if verdict.outcome != said:
            said = verdict.outcome
            text = "better; waiting whether it stays so" if better_since else f"{LOOKS[said]}: {_waiting_for(verdict)}"
            services.store.add_event(state["incident_id"], EventKind.STEP, "verification", text)
    return verdict


def _waiting_for(verdict: Verdict) -> str:
    return (
        " ".join(check.summary for check in verdict.checks if check.outcome is not Outcome.BETTER)
        or "nothing could be checked."
    )


def _sentence(verdict: Verdict) -> str:
    if verdict.cured:
        return "the change cured its own cause, but another one stands"
    if verdict.eased and verdict.outcome is Outcome.UNCHANGED:
        return "the change helped most users, but not all is well"
    return {
        Outcome.BETTER: "the change helped: every check says so",
        Outcome.UNCHANGED: "the change did not help in time",
        Outcome.WORSE: "the change made it worse",
    }[verdict.outcome]
