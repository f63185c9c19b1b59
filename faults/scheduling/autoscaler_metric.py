"""Fault: an autoscaler gets the figure of something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.autoscalers import busy_day, needed_autoscalers
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _scaling(target: Target, namespace: str) -> Sequence[Entity]:
    return await needed_autoscalers(target, namespace)


async def _present(target: Target, before: Before, autoscaler: Entity, percent: int, minutes: int) -> bool:
    """It looks at no CPU, and may go down to a single pod."""
    found = await find(target, autoscaler)
    if found is None or found["spec"].get("minReplicas", 1) > 1:
        return False
    metrics = found["spec"].get("metrics") or ()
    return not any((read(each, "resource.name") or read(each, "containerResource.name")) == "cpu" for each in metrics)


async def _other_fix(target: Target, before: Before, autoscaler: Entity, percent: int, minutes: int) -> None:
    """As many pods at least as were there before."""
    least = original(before, autoscaler)["status"]["currentReplicas"]
    await target.patch(autoscaler, {"spec": {"minReplicas": least}})


@fault(
    Mechanism.SCALING_METRIC,
    entities=("HorizontalPodAutoscaler",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "scaling"}),
)
async def autoscaler_metric(
    target: Target,
    autoscaler: Annotated[Entity, choose("an autoscaler that a busy day needs", _scaling, Entity.parse)],
    percent: Annotated[int, whole(300, 600)],
    minutes: Annotated[int, whole(1, 4)],
) -> GroundTruth:
    """An autoscaler is moved from CPU to memory, which says nothing of load: it goes down to one pod on a busy day."""
    await target.disturb(await busy_day(target, autoscaler, minutes))
    memory = {"name": "memory", "target": {"type": "Utilization", "averageUtilization": percent}}
    soon = {"scaleDown": {"stabilizationWindowSeconds": 30}}
    spec = {"minReplicas": 1, "metrics": [{"type": "Resource", "resource": memory}], "behavior": soon}
    await target.patch(autoscaler, {"spec": spec}, "merge")
    return GroundTruth(subject=autoscaler, mechanism=Mechanism.SCALING_METRIC, field="spec.metrics")
