"""Fault: a CPU limit that lost a digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.limits import PLENTY, limit_of, original_limit, set_limit, too_low
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _busy(target: Target, namespace: str) -> Sequence[Entity]:
    """Workloads that serve by calling others: data stores work too little to feel a low limit."""
    return await callers(target, namespace)


async def _present(target: Target, before: Before, deployment: Entity, percent: int) -> bool:
    return await too_low(target, before, deployment, "cpu")


async def _other_fix(target: Target, before: Before, deployment: Entity, percent: int) -> None:
    """A higher limit than before."""
    container, limit = original_limit(before, deployment, "cpu")
    await set_limit(target, deployment, container, "cpu", cpu(limit * PLENTY))


@fault(
    Mechanism.RESOURCE_CPU_LIMIT,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "latency"}),
)
async def low_cpu_limit(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that calls Services", _busy, Entity.parse)],
    percent: Annotated[int, whole(3, 7)],
) -> GroundTruth:
    """A Deployment's CPU limit falls to a few percent: its processes are throttled, requests queue and time out."""
    container, limit = limit_of(await target.get(deployment), "cpu")
    await set_limit(target, deployment, container, "cpu", cpu(limit * percent / 100))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.RESOURCE_CPU_LIMIT,
        field=f"spec.template.spec.containers[{container['name']}].resources.limits.cpu",
    )
