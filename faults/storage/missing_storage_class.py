"""Fault: a claim asks for a StorageClass that is not there."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.volumes import claim, claims_met, classes, mounting
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, storage_class: str) -> bool:
    return not await claims_met(target, deployment)


async def _other_fix(target: Target, before: Before, deployment: Entity, storage_class: str) -> None:
    """Somebody makes the class, after the one that there is."""
    known = await target.get(Entity(kind="StorageClass", namespace="", name=(await classes(target))[0]))
    copied = {key: value for key, value in known.items() if key != "metadata"}
    await target.create({**copied, "kind": "StorageClass", "metadata": {"name": storage_class}})


@fault(
    Mechanism.STORAGE_CLASS,
    entities=("PersistentVolumeClaim",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "storage", "rollout"}),
)
async def missing_storage_class(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    storage_class: Annotated[str, one_of("fast-ssd", "gp3", "premium-rwo", "ceph-block", "local-nvme")],
) -> GroundTruth:
    """A Deployment is rolled out with a claim of a StorageClass that the cluster does not have: no volume is made."""
    name = f"{deployment.name}-scratch"
    held = Entity.of(await target.create(claim(deployment.namespace, name, "10Gi", storage_class)))
    await target.patch(deployment, mounting(await target.get(deployment), name, "/var/scratch"))
    return GroundTruth(subject=held, mechanism=Mechanism.STORAGE_CLASS, field="spec.storageClassName")
