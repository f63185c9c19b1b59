"""Changes that stay because each cured its own cause while another one stood: what is told of them at the end."""

from __future__ import annotations

from aiops.agents.verification.confirmed import confirmed
from aiops.agents.verification.verify import cause_of
from aiops.core.action import Outcome, Proposal
from aiops.core.diagnosis import Diagnosis
from aiops.core.incident import State
from aiops.supervisor.state import GraphState

KEPT = "kept"
"""In the data of an event: the id of the action that is kept."""


def with_kept(because: str, state: GraphState) -> str:
    """The reason of an incident's end, with the changes that were kept before it."""
    kept = [f"{proposal.tool} on {proposal.target}" for proposal in state["kept"]]
    return f"{because}; kept in place: {', '.join(kept)}" if kept else because


def diagnosis_to_tell(state: GraphState, outcome: State) -> Diagnosis | None:
    """The last diagnosis, with the cause first whose cure helped, if another one seemed likelier.

    Where the last one names nothing new, the one with the cause that a kept change cured: "no fault" never denies a
    cause that was cured. What remains unknown is told where people must go on with it, behind what was cured if that
    had eased most of the trouble.
    """
    last, cured = state.get("diagnosis"), state.get("cured")
    if last is None:
        return None
    action, verdict = state.get("action"), state.get("verdict")
    helped = verdict is not None and verdict.outcome is Outcome.BETTER
    if outcome is State.RESOLVED and helped and action is not None:
        return with_cured_first(last, action.proposal)
    if cured is None:
        return last
    if outcome is State.ESCALATED and state.get("eased") and last.fault and cured.best is not None:
        return confirmed(cured, cured.best, last.root_causes)
    tells = last.fault and (not last.abstained or outcome is State.ESCALATED)
    return last if tells else cured


def with_cured_first(diagnosis: Diagnosis, proposal: Proposal) -> Diagnosis:
    """The diagnosis, with the cause that this change cured before all others."""
    cause = cause_of(proposal, diagnosis)
    return diagnosis if cause is None or cause == diagnosis.best else confirmed(diagnosis, cause)
