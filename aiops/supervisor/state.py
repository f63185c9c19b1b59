"""The state of one incident's graph. Every type that a checkpoint holds is named here."""

from __future__ import annotations

from typing import Annotated, TypedDict

from aiops.agents.registry import Findings
from aiops.agents.scoping.scope import Scope
from aiops.agents.verification.verify import Baseline
from aiops.core.action import Action, Proposal, Verdict
from aiops.core.diagnosis import Diagnosis
from aiops.core.evidence import Evidence
from aiops.core.incident import State


def merged(old: dict[str, Findings], new: dict[str, Findings]) -> dict[str, Findings]:
    """Reducer: specialists run in parallel, each writes its own entry; a new round replaces it."""
    return {**old, **new}


class GraphState(TypedDict, total=False):
    """`proposals` are still to be tried in this round, best first; `tried` are never proposed again.

    `stays` says that the last change stays though all is not well yet. `kept` are all that stayed so (they are among
    `tried`), `cured` is the diagnosis with the cause that the last of them cured, `eased` says whether that eased most
    of the trouble. `outcome` is the final state of the incident, once it is known, with the reason in `because`.
    """

    incident_id: str
    scope: Scope
    findings: Annotated[dict[str, Findings], merged]
    diagnosis: Diagnosis
    proposals: list[Proposal] | None
    tried: list[Proposal]
    action: Action | None
    before: Baseline
    approval: str
    approved: bool
    verdict: Verdict
    stays: bool
    kept: list[Proposal]
    cured: Diagnosis
    eased: bool
    outcome: State | None
    because: str


def evidence_of(state: GraphState) -> tuple[Evidence, ...]:
    """All evidence of this round, specialist by specialist."""
    found = state.get("findings", {})
    return tuple(item for name in sorted(found) for item in found[name].evidence)
