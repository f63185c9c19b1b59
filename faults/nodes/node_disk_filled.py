"""Fault: the disk of a node is full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import NodeDisk
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted
from aiops.faults.kit.places import nodes_with_claims
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    return await nodes_with_claims(target, namespace)


async def _present(target: Target, before: Before, node: Entity, percent: int) -> bool:
    return await afflicted(target, node, "node.disk")


@fault(
    Mechanism.NODE_DISK_PRESSURE,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def node_disk_filled(
    target: Target,
    node: Annotated[Entity, choose("a node whose pods cannot go elsewhere", _nodes, Entity.parse)],
    percent: Annotated[int, whole(92, 98)],
) -> GroundTruth:
    """Something outside of Kubernetes fills a node's disk: its pods are evicted, and volumes keep them there."""
    size = parse_quantity((await target.get(node))["status"]["capacity"]["ephemeral-storage"])
    await target.disturb(NodeDisk(nodes=Nodes(names=(node.name,)), bytes=size * percent / 100))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_DISK_PRESSURE)
