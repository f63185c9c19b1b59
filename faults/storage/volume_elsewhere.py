"""Fault: a volume is on a node that its pods cannot run on."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.places import HOSTNAME, admits, claims_of
from aiops.faults.kit.volumes import claim, classes, mounting
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_CLASS = "local-disks"


async def _present(target: Target, before: Before, deployment: Entity, node: str, gibibytes: int) -> bool:
    """A volume of the pods names only nodes on which they cannot run."""
    manifest = await find(target, deployment)
    if manifest is None:
        return True
    spec = manifest["spec"]["template"]["spec"]
    nodes = {item["metadata"]["labels"][HOSTNAME] for item in await target.list("Node", "") if admits(item, spec)}
    for name in claims_of(manifest["spec"]["template"]):
        held = await find(target, Entity(kind="PersistentVolumeClaim", namespace=deployment.namespace, name=name))
        volume = ((held or {}).get("spec") or {}).get("volumeName")
        known = await find(target, Entity(kind="PersistentVolume", namespace="", name=volume)) if volume else None
        if known is not None and not _hosts(known) & nodes:
            return True
    return False


async def _other_fix(target: Target, before: Before, deployment: Entity, node: str, gibibytes: int) -> None:
    """Another claim, of a class whose volumes are made where the pod is."""
    name = f"{deployment.name}-data-2"
    await target.create(claim(deployment.namespace, name, f"{gibibytes}Gi", (await classes(target))[0]))
    await target.patch(deployment, mounting(await target.get(deployment), name, "/var/data"))


@fault(
    Mechanism.STORAGE_AFFINITY,
    entities=("PersistentVolume",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "storage", "rollout"}),
)
async def volume_elsewhere(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    node: Annotated[str, one_of("worker-7", "storage-2", "ip-10-0-31-17", "node-12", "pool-b-x4k2")],
    gibibytes: Annotated[int, whole(5, 80)],
) -> GroundTruth:
    """A Deployment is rolled out with a volume on the disk of a node that was replaced: its new pods stay pending."""
    name, size = f"{deployment.name}-data", f"{gibibytes}Gi"
    made = Entity.of(await target.create(_local_volume(name, size, node)))
    wanted = claim(deployment.namespace, name, size, _CLASS)
    wanted["spec"]["volumeName"] = name
    await target.create(wanted)
    await target.patch(deployment, mounting(await target.get(deployment), name, "/var/data"))
    return GroundTruth(subject=made, mechanism=Mechanism.STORAGE_AFFINITY, field="spec.nodeAffinity")


def _local_volume(name: str, size: str, node: str) -> Manifest:
    wanted: dict[str, Any] = {"key": HOSTNAME, "operator": "In", "values": [node]}
    spec = {
        "capacity": {"storage": size},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": _CLASS,
        "local": {"path": f"/mnt/disks/{name}"},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [wanted]}]}},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}


def _hosts(volume: Manifest) -> set[str]:
    """The host names that a volume is bound to."""
    return {
        value
        for term in read(volume, "spec.nodeAffinity.required.nodeSelectorTerms") or ()
        for wanted in term.get("matchExpressions") or ()
        if wanted["key"] == HOSTNAME
        for value in wanted.get("values") or ()
    }
