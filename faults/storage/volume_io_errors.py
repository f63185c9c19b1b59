"""Fault: reads and writes of a volume fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.process import IoErrors
from aiops.core.disturbance.scope import Pods
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.volumes import claims_in_use, user_of
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _claims(target: Target, namespace: str) -> Sequence[Entity]:
    return await claims_in_use(target, namespace)


async def _present(target: Target, before: Before, claim: Entity, percent: int) -> bool:
    return any(each.disturbance.kind == "io.errors" for each in (await target.disturbances()).values())


@fault(
    Mechanism.STORAGE_IO_ERROR,
    entities=("PersistentVolumeClaim",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"storage"}),
)
async def volume_io_errors(
    target: Target,
    claim: Annotated[Entity, choose("a claim in use", _claims, Entity.parse)],
    percent: Annotated[int, whole(30, 95)],
) -> GroundTruth:
    """The disk under a volume fails: a share of the reads and writes of its store returns errors."""
    user = await user_of(target, claim)
    if user is None:
        raise NotPossibleError(f"{claim}: no pod mounts it")
    pods = Pods(namespace=claim.namespace, names=(user["metadata"]["name"],))
    await target.disturb(IoErrors(pods=pods, percent=percent))
    return GroundTruth(subject=claim, mechanism=Mechanism.STORAGE_IO_ERROR)
