"""Fault: no volume fits a claim."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.volumes import claim, claims_met, mounting, volume
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_CLASS = "shared"
_ONE_NODE, _MANY_NODES = ("ReadWriteOnce",), ("ReadWriteMany",)


async def _present(target: Target, before: Before, deployment: Entity, form: str, gibibytes: int) -> bool:
    return not await claims_met(target, deployment)


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str, gibibytes: int) -> None:
    """Somebody makes a volume that fits."""
    await target.create(volume(f"{deployment.name}-archive-b", f"{gibibytes}Gi", _CLASS, _MANY_NODES))


@fault(
    Mechanism.STORAGE_CLAIM,
    entities=("PersistentVolumeClaim",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "storage", "rollout"}),
)
async def claim_without_volume(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    form: Annotated[str, one_of("too small", "for one node")],
    gibibytes: Annotated[int, whole(10, 60)],
) -> GroundTruth:
    """A Deployment is rolled out with a claim that the volume made for it does not fit: too small, or for one node."""
    name, size = f"{deployment.name}-archive", f"{gibibytes}Gi"
    made = f"{gibibytes // 2}Gi" if form == "too small" else size
    modes = _MANY_NODES if form == "too small" else _ONE_NODE
    await target.create(volume(f"{name}-a", made, _CLASS, modes))
    held = Entity.of(await target.create(claim(deployment.namespace, name, size, _CLASS, _MANY_NODES)))
    await target.patch(deployment, mounting(await target.get(deployment), name, "/var/archive"))
    field = "spec.resources.requests.storage" if form == "too small" else "spec.accessModes"
    return GroundTruth(subject=held, mechanism=Mechanism.STORAGE_CLAIM, field=field)
