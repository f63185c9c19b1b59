"""Fault: the memory of a node is used up."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.machine import NodeMemory
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
    Mechanism.NODE_MEMORY_PRESSURE,
    entities=("Node",),
    felt="requests",
    present=afflicted_by("node.memory"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def node_memory_taken(
    target: Target,
    node: Annotated[Entity, choose("a node whose pods cannot go elsewhere", nodes_with_claims, Entity.parse)],
    left: Annotated[int, whole(10, 90)],
) -> GroundTruth:
    """Something outside of Kubernetes holds a node's memory but for `left` MiB: the kubelet evicts its pods."""
    size = parse_quantity((await target.get(node))["status"]["capacity"]["memory"])
    await target.disturb(NodeMemory(nodes=Nodes(names=(node.name,)), bytes=size - left * 2**20))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_MEMORY_PRESSURE)
