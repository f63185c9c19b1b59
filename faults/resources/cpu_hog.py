"""Fault: a batch workload without limits that uses the CPU of every node up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import CpuBurnt
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.culprits import batch_of, least_room, release_with, room, runs, stop
from aiops.faults.kit.places import nodes_in_use
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

OPTION = "BATCH_WORKERS"
ENOUGH = 0.9
"""The share of a node's unasked CPU for which the culprit asks."""

MOST = 0.6
"""The share of each node's CPU that nobody may have asked for, at least."""

HARMLESS = 0.5
"""Cores below which a limit makes it harmless."""


async def _can_be_starved(target: Target, namespace: str) -> Sequence[Entity]:
    """Deployments that call others, where pods asked for so little CPU that a newcomer outweighs them: what a pod asks
    for, the kernel leaves it."""
    nodes = [await target.get(node) for node in await nodes_in_use(target, namespace)]
    for node in nodes:
        if await room(target, node, "cpu") < MOST * parse_quantity(node["status"]["allocatable"]["cpu"]):
            return []
    return await callers(target, namespace)


async def _present(target: Target, before: Before, source: Entity, name: str, workers: int) -> bool:
    """The culprit must be gone, asleep, limited, or without the option."""
    found = await runs(target, Entity(kind="Deployment", namespace=source.namespace, name=name))
    if found is None:
        return False
    container = containers(found)[0]
    limit = read(container, "resources.limits.cpu")
    limited = limit is not None and parse_quantity(limit) <= HARMLESS
    return not limited and any(entry["name"] == OPTION for entry in container.get("env") or ())


async def _other_fix(target: Target, before: Before, source: Entity, name: str, workers: int) -> None:
    await stop(target, Entity(kind="Deployment", namespace=source.namespace, name=name))


@fault(
    Mechanism.RESOURCE_CPU_HOG,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane", "latency"}),
)
async def cpu_hog(
    target: Target,
    source: Annotated[Entity, choose("a Deployment whose program has a batch mode", _can_be_starved, Entity.parse)],
    name: Annotated[str, one_of("report-builder", "search-reindex", "usage-rollup", "feed-export", "price-import")],
    workers: Annotated[int, whole(16, 64)],
) -> GroundTruth:
    """A batch workload without CPU limits runs on every node and takes all that is left: what serves users waits."""
    culprit = Entity(kind="Deployment", namespace=source.namespace, name=name)
    if await find(target, culprit):
        raise NotPossibleError(f"there is a Deployment {name}")
    asked = ENOUGH * await least_room(target, source.namespace, "cpu")
    behaviour = CpuBurnt(cores=float(workers))
    await release_with(target, source, OPTION, str(workers), behaviour)
    requests = {"cpu": cpu(asked), "memory": "256Mi"}
    await target.create(await batch_of(target, source, culprit, OPTION, str(workers), requests))
    return GroundTruth(subject=culprit, mechanism=Mechanism.RESOURCE_CPU_HOG)
