"""Fault: a memory limit below what the process needs once it is warm."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.limits import PLENTY, limit_of, original_limit, set_limit, too_low
from aiops.faults.parameters import pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

MEBIBYTE = 2**20


async def _present(target: Target, before: Before, deployment: Entity, percent: int) -> bool:  # noqa: ARG001
    return await too_low(target, before, deployment, "memory")


async def _other_fix(target: Target, before: Before, deployment: Entity, percent: int) -> None:  # noqa: ARG001
    """More memory than before."""
    container, limit = original_limit(before, deployment, "memory")
    await set_limit(target, deployment, container, "memory", _written(limit * PLENTY))


@fault(
    Mechanism.RESOURCE_MEMORY_LIMIT,
    entities=("Deployment",),
    family="resources",
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def low_memory_limit(
    target: Target, deployment: Annotated[Entity, pick("Deployment")], percent: Annotated[int, whole(36, 43)]
) -> GroundTruth:
    """A Deployment's memory limit falls to a share of what it was: processes start, warm up, and are OOM-killed."""
    container, limit = limit_of(await target.get(deployment), "memory")
    await set_limit(target, deployment, container, "memory", _written(limit * percent / 100))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.RESOURCE_MEMORY_LIMIT,
        field=f"spec.template.spec.containers[{container['name']}].resources.limits.memory",
    )


def _written(size: float) -> str:
    return f"{int(size / MEBIBYTE)}Mi"
