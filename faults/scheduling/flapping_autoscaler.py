"""Fault: an autoscaler that lets pods go in every lull, and is late when users come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.autoscalers import in_waves, needed_autoscalers
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_PATIENT = 600
"""Seconds for which fewer pods have to be enough before any go, so that a lull passes."""

_USUAL = 300
"""What Kubernetes takes where nothing is said."""


async def _scaling(target: Target, namespace: str) -> Sequence[Entity]:
    return await needed_autoscalers(target, namespace)


async def _present(target: Target, before: Before, autoscaler: Entity, minutes: int) -> bool:
    """Pods may go in a lull, and fewer than were there before may be left."""
    found = await find(target, autoscaler)
    if found is None:
        return False
    least, enough = found["spec"].get("minReplicas", 1), original(before, autoscaler)["status"]["currentReplicas"]
    if least >= enough:
        return False
    window = read(found, "spec.behavior.scaleDown.stabilizationWindowSeconds")
    return (_USUAL if window is None else int(window)) < 60 * minutes


async def _other_fix(target: Target, before: Before, autoscaler: Entity, minutes: int) -> None:
    """Pods go only when fewer were enough for longer than a lull."""
    await target.patch(
        autoscaler, {"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": _PATIENT}}}}, "merge"
    )


@fault(
    Mechanism.SCALING_FLAPPING,
    entities=("HorizontalPodAutoscaler",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "scaling"}),
)
async def flapping_autoscaler(
    target: Target,
    autoscaler: Annotated[Entity, choose("an autoscaler that waves of users need", _scaling, Entity.parse)],
    minutes: Annotated[int, whole(4, 5)],
) -> GroundTruth:
    """An autoscaler forgets at once how many pods were needed: users come in waves, and each finds a single pod."""
    await target.disturb(await in_waves(target, autoscaler, minutes))
    soon = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}
    await target.patch(autoscaler, {"spec": {"minReplicas": 1, "behavior": {"scaleDown": soon}}}, "merge")
    return GroundTruth(
        subject=autoscaler,
        mechanism=Mechanism.SCALING_FLAPPING,
        field="spec.behavior.scaleDown.stabilizationWindowSeconds",
    )
