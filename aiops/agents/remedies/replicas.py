"""Replicas for a workload that has too few."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.scale import scale


@remedy(Mechanism.SCALING_REPLICAS)
async def replicas(case: RemedyCase) -> list[Proposal]:
    """Scale the workload to what its autoscaler asks for at least, or to one."""
    workload, wanted = case.cause.subject, case.cause.wanted
    if not isinstance(workload, Entity) or workload.kind not in ("Deployment", "StatefulSet"):
        return []
    if not isinstance(wanted, int) or wanted < 1:
        return []
    reason = f"{workload} is asked for, and has too few replicas."
    effect = f"{workload} serves again."
    return [case.propose(scale, workload, reason, effect, workload=workload, replicas=wanted)]
