"""Changes that stay because each cured its own cause while another one stood: what is told of them at the end."""

from __future__ import annotations

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
    """The last diagnosis; where that names nothing new, the one with the cause that a kept change cured.

    "No fault" never denies a cause that was cured. What remains unknown is told where people must go on with it.
    """
    last, cured = state.get("diagnosis"), state.get("cured")
    if last is None or cured is None:
        return last
    tells = last.fault and (not last.abstained or outcome is State.ESCALATED)
    return last if tells else cured
