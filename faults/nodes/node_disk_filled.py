"""Fault: the disk of a node is full."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.machine import NodeDisk
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted_by
from aiops.faults.kit.places import nodes_with_claims
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NODE_DISK_PRESSURE,
    entities=("Node",),
    felt="requests",
    present=afflicted_by("node.disk"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def node_disk_filled(
    target: Target,
    node: Annotated[Entity, choose("a node whose pods cannot go elsewhere", nodes_with_claims, Entity.parse)],
    percent: Annotated[int, whole(92, 98)],
) -> GroundTruth:
    """Something outside of Kubernetes fills a node's disk: its pods are evicted, and volumes keep them there."""
    size = parse_quantity((await target.get(node))["status"]["capacity"]["ephemeral-storage"])
    await target.disturb(NodeDisk(nodes=Nodes(names=(node.name,)), bytes=size * percent / 100))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_DISK_PRESSURE)
