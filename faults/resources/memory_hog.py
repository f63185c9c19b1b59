"""Fault: a batch workload that asks for, and uses, all memory that others use without having asked for it."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import MemoryHeld
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import memory
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers
from aiops.faults.kit.culprits import batch_of, least_room, release_with, runs, stop
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

OPTION = "PRELOAD_SHARDS"
ENOUGH = 0.985
"""The share of a node's unasked memory for which the culprit asks."""


async def _present(target: Target, before: Before, source: Entity, name: str, shards: int) -> bool:
    """The culprit must be gone, asleep, or without the option."""
    found = await runs(target, Entity(kind="Deployment", namespace=source.namespace, name=name))
    return found is not None and any(entry["name"] == OPTION for entry in containers(found)[0].get("env") or ())


async def _other_fix(target: Target, before: Before, source: Entity, name: str, shards: int) -> None:
    await stop(target, Entity(kind="Deployment", namespace=source.namespace, name=name))


@fault(
    Mechanism.RESOURCE_MEMORY_HOG,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"data-plane", "restarts"}),
)
async def memory_hog(
    target: Target,
    source: Annotated[Entity, choose("a Deployment whose program has a batch mode", callers, Entity.parse)],
    name: Annotated[str, one_of("model-cache", "recommend-train", "graph-loader", "dedupe-index", "session-replay")],
    shards: Annotated[int, whole(8, 64)],
) -> GroundTruth:
    """A batch workload holds nearly all memory that nobody asked for on every node: others are evicted in its stead."""
    culprit = Entity(kind="Deployment", namespace=source.namespace, name=name)
    if await find(target, culprit):
        raise NotPossibleError(f"there is a Deployment {name}")
    asked = ENOUGH * await least_room(target, source.namespace, "memory")
    await release_with(target, source, OPTION, str(shards), MemoryHeld(bytes=asked * ENOUGH))
    requests = {"cpu": "100m", "memory": memory(asked)}
    await target.create(await batch_of(target, source, culprit, OPTION, str(shards), requests))
    return GroundTruth(subject=culprit, mechanism=Mechanism.RESOURCE_MEMORY_HOG)
