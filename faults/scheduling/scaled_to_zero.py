"""Fault: a workload without replicas."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity) -> bool:
    now = await find(target, deployment)
    return now is None or not now["spec"].get("replicas", 1)


async def _other_fix(target: Target, before: Before, deployment: Entity) -> None:
    """One replica more than before."""
    replicas = original(before, deployment)["spec"].get("replicas", 1) + 1
    await target.patch(deployment, {"spec": {"replicas": replicas}})


@fault(
    Mechanism.SCALING_REPLICAS,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes"}),
)
async def scaled_to_zero(target: Target, deployment: Annotated[Entity, pick("Deployment")]) -> GroundTruth:
    """A Deployment is scaled to no replicas: nobody answers for its Service."""
    await target.patch(deployment, {"spec": {"replicas": 0}})
    return GroundTruth(subject=deployment, mechanism=Mechanism.SCALING_REPLICAS, field="spec.replicas")
