"""Fault: a heap that is far too small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import SmallHeap
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import entities, services_in_use
from aiops.faults.kit.feeling import that_feel
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


def _written(percent: int) -> str:
    return f"{percent}%"


async def _collected(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await that_feel(target, await services_in_use(target, namespace), SmallHeap(percent=20)))


async def _present(target: Target, before: Before, deployment: Entity, option: str, percent: int) -> bool:
    return await still_on(target, before, deployment, option, _written(percent))


async def _other_fix(target: Target, before: Before, deployment: Entity, option: str, percent: int) -> None:
    """A share of the memory limit, as most runtimes have it by default."""
    await set_variable(target, variable_of(original(before, deployment), option), "70%")


@fault(
    Mechanism.APP_GARBAGE_COLLECTION,
    entities=("Deployment", "ConfigMap"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "configuration"}),
)
async def small_heap(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment whose runtime collects garbage", _collected, Entity.parse)],
    option: Annotated[str, one_of("MAX_HEAP", "HEAP_MAX_SIZE", "RUNTIME_HEAP_LIMIT", "GC_HEAP_HARD_LIMIT")],
    percent: Annotated[int, whole(14, 24)],
) -> GroundTruth:
    """An option gives the heap a fraction of the memory: collections take the time, until the runtime gives up."""
    subject, changed = await turn_on(target, deployment, option, _written(percent), SmallHeap(percent=percent))
    return GroundTruth(subject=subject, mechanism=Mechanism.APP_GARBAGE_COLLECTION, field=changed)
