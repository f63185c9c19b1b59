"""Fault: somebody else's files fill the volume of a data store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.process import DiskFill
from aiops.core.disturbance.scope import Pods
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.culprits import batch_deployment, runs, stop
from aiops.faults.kit.reliance import ENOUGH_RELY
from aiops.faults.kit.stores import DATA_PATHS, stores_in_use
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

IMAGE = "docker.io/library/busybox:1.36"
SCRIPT = "while true; do touch /store/dump.part; sleep 5; done"


async def _claims(target: Target, namespace: str) -> Sequence[Entity]:
    """The claims on which a StatefulSet's store keeps its data, where users let it write."""
    relied = await target.reliance()
    stores = await stores_in_use(target, namespace, tuple(DATA_PATHS))
    names = {f"{store.name}-0" for store in stores if store.kind == "StatefulSet"}
    return sorted(
        (
            Entity(kind="PersistentVolumeClaim", namespace=namespace, name=volume["persistentVolumeClaim"]["claimName"])
            for pod in await target.list("Pod", namespace)
            if pod["metadata"]["name"] in names
            for volume in pod["spec"].get("volumes") or ()
            if volume.get("persistentVolumeClaim")
            if relied.get(_written(namespace, volume), 1.0) >= ENOUGH_RELY
        ),
        key=str,
    )


async def _present(target: Target, before: Before, claim: Entity, name: str) -> bool:
    """The culprit must be gone or asleep, or put its files elsewhere."""
    found = await runs(target, Entity(kind="Deployment", namespace=claim.namespace, name=name))
    volumes = found["spec"]["template"]["spec"].get("volumes") or () if found else ()
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == claim.name for volume in volumes)


async def _other_fix(target: Target, before: Before, claim: Entity, name: str) -> None:
    await stop(target, Entity(kind="Deployment", namespace=claim.namespace, name=name))


@fault(
    Mechanism.RESOURCE_DISK_FULL,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane", "storage"}),
)
async def disk_full(
    target: Target,
    claim: Annotated[Entity, choose("the claim of a data store", _claims, Entity.parse)],
    name: Annotated[str, one_of("nightly-dump", "audit-export", "snapshot-writer", "backup-stream", "analytics-copy")],
) -> GroundTruth:
    """A workload writes its dump, a temporary file that ends with it, beside a store's data: no room is left."""
    culprit = Entity(kind="Deployment", namespace=claim.namespace, name=name)
    if await find(target, culprit):
        raise NotPossibleError(f"there is a Deployment {name}")
    size = parse_quantity((await target.get(claim))["status"]["capacity"]["storage"])
    users = [pod for pod in await target.list("Pod", claim.namespace) if _uses(pod, claim)]
    names = tuple(sorted(str(pod["metadata"]["name"]) for pod in users))
    dump = Pods(namespace=claim.namespace, labels={"app": name})
    await target.disturb(DiskFill(pods=Pods(namespace=claim.namespace, names=names), bytes=size, while_running=dump))
    container: Manifest = {
        "image": IMAGE,
        "command": ["sh", "-c", SCRIPT],
        "volumeMounts": [{"name": "store", "mountPath": "/store"}],
    }
    volumes = [{"name": "store", "persistentVolumeClaim": {"claimName": claim.name}}]
    await target.create(batch_deployment(culprit, container, 1, volumes=volumes))
    return GroundTruth(subject=culprit, mechanism=Mechanism.RESOURCE_DISK_FULL)


def _written(namespace: str, volume: Manifest) -> str:
    return f"PersistentVolumeClaim/{namespace}/{volume['persistentVolumeClaim']['claimName']} written"


def _uses(pod: Manifest, claim: Entity) -> bool:
    volumes = pod["spec"].get("volumes") or ()
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == claim.name for volume in volumes)
