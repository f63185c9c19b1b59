"""Fault: reads and writes of a volume take too long."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.process import IoDelay
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.volumes import claims_in_use, disk_disturbed_by, pod_of
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.STORAGE_SLOW,
    entities=("PersistentVolumeClaim",),
    felt="requests",
    present=disk_disturbed_by("io.delay"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"storage"}),
)
async def slow_volume(
    target: Target,
    claim: Annotated[Entity, choose("a claim in use", claims_in_use, Entity.parse)],
    milliseconds: Annotated[int, whole(400, 3000)],
) -> GroundTruth:
    """The disk under a volume takes a second or so for each read and write of its store."""
    await target.disturb(IoDelay(pods=await pod_of(target, claim), seconds=milliseconds / 1000))
    return GroundTruth(subject=claim, mechanism=Mechanism.STORAGE_SLOW)
