"""Workloads that lose the nodes on which they may run."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.workloads import restart
from aiops.faults.registry import Before
from aiops.faults.truth import GroundTruth


async def movable(target: Target, namespace: str) -> list[Entity]:
    """Deployments and StatefulSets whose pods serve, sorted."""
    sets = [item for item in await target.list("StatefulSet", namespace) if item["status"].get("readyReplicas")]
    found = [*await serving(target, "Deployment", namespace), *map(Entity.of, sets)]
    return sorted(found, key=str)


async def evicted(target: Target, workload: Manifest) -> None:
    """The pods of a workload have to go, as when their node is emptied."""
    await restart(target, workload)


def leading(before: Before) -> list[Entity]:
    """The nodes that a fault wrote, in their order."""
    return [entity for entity in before if entity.kind == "Node"]


def admitting(nodes: list[Entity], mechanism: Mechanism, field: str) -> GroundTruth:
    """The same is wrong with each of these nodes."""
    parts = [GroundTruth(subject=node, mechanism=mechanism, field=field) for node in nodes]
    return parts[0].model_copy(update={"also": tuple(parts[1:])})
