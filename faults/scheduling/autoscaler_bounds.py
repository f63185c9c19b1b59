"""Fault: an autoscaler may not go as high as it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.autoscalers import busy_autoscalers
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _scaling(target: Target, namespace: str) -> Sequence[Entity]:
    return await busy_autoscalers(target, namespace)


async def _present(target: Target, before: Before, autoscaler: Entity) -> bool:
    """It still may not reach the number of pods that were needed before."""
    found = await find(target, autoscaler)
    return found is not None and found["spec"]["maxReplicas"] < _needed(before, autoscaler)


async def _other_fix(target: Target, before: Before, autoscaler: Entity) -> None:
    """A higher bound than before, from as many pods on as were needed."""
    most = original(before, autoscaler)["spec"]["maxReplicas"] + 2
    spec = {"minReplicas": _needed(before, autoscaler), "maxReplicas": most}
    await target.patch(autoscaler, {"spec": spec})


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
    autoscaler: Annotated[Entity, choose("an autoscaler of a busy workload", _scaling, Entity.parse)],
) -> GroundTruth:
    """An autoscaler's upper bound falls to one pod, to save money: the one that is left is overloaded."""
    await target.patch(autoscaler, {"spec": {"minReplicas": 1, "maxReplicas": 1}})
    return GroundTruth(subject=autoscaler, mechanism=Mechanism.SCALING_BOUNDS, field="spec.maxReplicas")


def _needed(before: Before, autoscaler: Entity) -> int:
    return int(original(before, autoscaler)["status"].get("currentReplicas") or 1)
