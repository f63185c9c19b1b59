"""Fault: a batch workload that keeps the nodes' disks busy."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.machine import NodeDiskSlow
from aiops.core.disturbance.scope import Nodes, Pods
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.culprits import batch_deployment, runs, stop
from aiops.faults.kit.places import nodes_in_use
from aiops.faults.kit.stores import stores_in_use
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

IMAGE = "docker.io/library/busybox:1.36"
SCRIPT = "while true; do touch /scratch/part; sleep 1; rm -f /scratch/part; sleep 1; done"
LEFT = 0.02
"""Percent of the disks' bandwidth that is left to others."""


async def _present(target: Target, before: Before, store: Entity, name: str) -> bool:
    """The culprit must be gone or asleep."""
    return await runs(target, Entity(kind="Deployment", namespace=store.namespace, name=name)) is not None


async def _other_fix(target: Target, before: Before, store: Entity, name: str) -> None:
    await stop(target, Entity(kind="Deployment", namespace=store.namespace, name=name))


@fault(
    Mechanism.RESOURCE_IO_HOG,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane", "latency"}),
)
async def io_hog(
    target: Target,
    store: Annotated[Entity, choose("a data store in use", stores_in_use, Entity.parse)],
    name: Annotated[str, one_of("archive-sync", "media-repack", "log-compactor", "volume-scan", "export-files")],
) -> GroundTruth:
    """A batch workload reads and writes without pause on every node: the disks of data stores are left with little."""
    culprit = Entity(kind="Deployment", namespace=store.namespace, name=name)
    if await find(target, culprit):
        raise NotPossibleError(f"there is a Deployment {name}")
    nodes = tuple(node.name for node in await nodes_in_use(target, store.namespace))
    pods = Pods(namespace=store.namespace, labels={"app": name})
    await target.disturb(NodeDiskSlow(nodes=Nodes(names=nodes), percent=LEFT, while_running=pods))
    container: Manifest = {
        "image": IMAGE,
        "command": ["sh", "-c", SCRIPT],
        "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
    }
    await target.create(batch_deployment(culprit, container, len(nodes), volumes=[{"name": "scratch", "emptyDir": {}}]))
    return GroundTruth(subject=culprit, mechanism=Mechanism.RESOURCE_IO_HOG)
