"""The revision before, for settings of the pod template that have no tool of their own."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.rollout_undo import rollout_undo


@remedy(Mechanism.CONFIG_PROBE, Mechanism.SCHEDULING_NODE_SELECTOR)
async def rollback(case: RemedyCase) -> list[Proposal]:
    """Roll the Deployment back to the revision before."""
    workload = case.cause.subject
    if not isinstance(workload, Entity) or workload.kind != "Deployment" or not case.state.templates(workload):
        return []
    reason = f"The revision of {workload} before this one had another {case.cause.field or 'pod template'}."
    effect = f"Pods of {workload} become ready."
    return [case.propose(rollout_undo, workload, reason, effect, workload=workload)]
