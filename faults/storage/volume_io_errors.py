"""Fault: reads and writes of a volume fail."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.process import IoErrors
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.volumes import claims_in_use, disk_disturbed_by, pod_of
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.STORAGE_IO_ERROR,
    entities=("PersistentVolumeClaim",),
    felt="requests",
    present=disk_disturbed_by("io.errors"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"storage"}),
)
async def volume_io_errors(
    target: Target,
    claim: Annotated[Entity, choose("a claim in use", claims_in_use, Entity.parse)],
    percent: Annotated[int, whole(60, 95)],
) -> GroundTruth:
    """The disk under a volume fails: a share of the reads and writes of its store returns errors."""
    await target.disturb(IoErrors(pods=await pod_of(target, claim), percent=percent))
    return GroundTruth(subject=claim, mechanism=Mechanism.STORAGE_IO_ERROR)
