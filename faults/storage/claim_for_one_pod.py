"""Fault: several pods need a volume that only one may mount."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.places import claims_of
from aiops.faults.kit.volumes import claim, classes, mounting
from aiops.faults.kit.workloads import find, for_pods
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_ONE_POD = "ReadWriteOncePod"


async def _several(target: Target, namespace: str) -> Sequence[Entity]:
    found = await serving(target, "Deployment", namespace)
    return [each for each in found if (await target.get(each))["spec"].get("replicas", 1) > 1]


async def _present(target: Target, before: Before, deployment: Entity, use: str) -> bool:
    """More pods than one share a claim that is for one pod alone."""
    manifest = await find(target, deployment)
    if manifest is None:
        return True
    held = [
        await find(target, Entity(kind="PersistentVolumeClaim", namespace=deployment.namespace, name=name))
        for name in claims_of(manifest["spec"]["template"])
    ]
    alone = any(each is None or _ONE_POD in each["spec"]["accessModes"] for each in held)
    return alone and manifest["spec"].get("replicas", 1) > 1


async def _other_fix(target: Target, before: Before, deployment: Entity, use: str) -> None:
    """A directory of each pod's own in place of the claim."""
    volume = f"var-lib-{use}"
    await target.patch(deployment, for_pods(volumes=[{"name": volume, "persistentVolumeClaim": None, "emptyDir": {}}]))


@fault(
    Mechanism.STORAGE_ACCESS_MODE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "storage", "rollout"}),
)
async def claim_for_one_pod(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment of several pods", _several, Entity.parse)],
    use: Annotated[str, one_of("cache", "spool", "uploads", "index", "models")],
) -> GroundTruth:
    """A Deployment of several pods mounts one claim that a single pod may use at a time: only the first starts."""
    name = f"{deployment.name}-{use}"
    await target.create(claim(deployment.namespace, name, "5Gi", (await classes(target))[0], (_ONE_POD,)))
    await target.patch(deployment, mounting(await target.get(deployment), name, f"/var/lib/{use}"))
    return GroundTruth(subject=deployment, mechanism=Mechanism.STORAGE_ACCESS_MODE, field="spec.template.spec.volumes")
