"""Fault: a volume in memory that is too small for what is kept in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.stores import DATA_PATHS, store_of, stores_in_use
from aiops.faults.kit.workloads import containers, find, for_pods, original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

AMPLE = 4 * 2**30
"""Bytes from which on the volume is large enough."""


async def _without_a_claim(target: Target, namespace: str) -> Sequence[Entity]:
    """The stores that keep their data in their container."""
    found = [store for store in await stores_in_use(target, namespace, tuple(DATA_PATHS)) if store.kind == "Deployment"]
    return [store for store in found if not containers(await target.get(store))[0].get("volumeMounts")]


async def _present(target: Target, before: Before, store: Entity, name: str, mebibytes: int) -> bool:
    """No small volume in memory may hold the store's data."""
    path = DATA_PATHS[store_of(original(before, store))]
    now = await find(target, store)
    return now is None or any(size < AMPLE for size in _sizes(now, path))


async def _other_fix(target: Target, before: Before, store: Entity, name: str, mebibytes: int) -> None:
    """A larger volume."""
    volume = {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": "4Gi"}}
    await target.patch(store, for_pods(volumes=[volume]))


@fault(
    Mechanism.RESOURCE_SHARED_MEMORY,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "storage"}),
)
async def shared_memory(
    target: Target,
    store: Annotated[Entity, choose("a data store without a volume", _without_a_claim, Entity.parse)],
    name: Annotated[str, one_of("fast", "ram", "tmpfs", "scratch", "hot-data")],
    mebibytes: Annotated[int, whole(16, 48)],
) -> GroundTruth:
    """A data store's files are put on a volume in memory that is too small for them: it cannot start."""
    container = containers(await target.get(store))[0]
    path = DATA_PATHS[store_of(await target.get(store))]
    volume = {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": f"{mebibytes}Mi"}}
    mounted = {"name": container["name"], "volumeMounts": [{"name": name, "mountPath": path}]}
    await target.patch(store, for_pods(volumes=[volume], containers=[mounted]))
    return GroundTruth(
        subject=store, mechanism=Mechanism.RESOURCE_SHARED_MEMORY, field=f"spec.template.spec.volumes[{name}]"
    )


def _sizes(workload: Manifest, path: str) -> Iterator[float]:
    """Bytes of the volumes in memory that a workload mounts at a path."""
    spec = workload["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume.get("emptyDir") or {} for volume in spec.get("volumes") or ()}
    for mount in containers(workload)[0].get("volumeMounts") or ():
        directory = volumes.get(mount["name"], {})
        if mount["mountPath"] == path and directory.get("medium") == "Memory" and directory.get("sizeLimit"):
            yield parse_quantity(directory["sizeLimit"])
