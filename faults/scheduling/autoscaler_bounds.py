"""Fault: an autoscaler may not go as high as it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.autoscalers import busy_day, needed_autoscalers
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _scaling(target: Target, namespace: str) -> Sequence[Entity]:
    return await needed_autoscalers(target, namespace)


async def _present(target: Target, before: Before, autoscaler: Entity, minutes: int) -> bool:
    """It may still have no pod more than one."""
    found = await find(target, autoscaler)
    return found is not None and found["spec"]["maxReplicas"] < 2


async def _other_fix(target: Target, before: Before, autoscaler: Entity, minutes: int) -> None:
    """A higher bound than before; where it may start, it finds by itself."""
    most = original(before, autoscaler)["spec"]["maxReplicas"] + 2
    await target.patch(autoscaler, {"spec": {"maxReplicas": most}})


@fault(
    Mechanism.SCALING_BOUNDS,
    entities=("HorizontalPodAutoscaler",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "scaling"}),
)
async def autoscaler_bounds(
    target: Target,
    autoscaler: Annotated[Entity, choose("an autoscaler that a busy day needs", _scaling, Entity.parse)],
    minutes: Annotated[int, whole(1, 4)],
) -> GroundTruth:
    """An autoscaler's bounds fall to one pod, to save money; then the users of a busy day come."""
    await target.disturb(await busy_day(target, autoscaler, minutes))
    await target.patch(autoscaler, {"spec": {"minReplicas": 1, "maxReplicas": 1}})
    return GroundTruth(subject=autoscaler, mechanism=Mechanism.SCALING_BOUNDS, field="spec.maxReplicas")
