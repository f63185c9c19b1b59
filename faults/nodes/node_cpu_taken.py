"""Fault: the CPU of a node is used up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import NodeCpu
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted
from aiops.faults.kit.places import empty, nodes_that_can_be_emptied, runs_on
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    return await nodes_that_can_be_emptied(target, namespace)


async def _present(target: Target, before: Before, node: Entity, percent: int) -> bool:
    """Whether pods that serve still run on the machine."""
    return await afflicted(target, node, "node.cpu") and await runs_on(target, "", node)


async def _other_fix(target: Target, before: Before, node: Entity, percent: int) -> None:
    """Away from the machine."""
    await empty(target, node)


@fault(
    Mechanism.NODE_CPU,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"node"}),
)
async def node_cpu_taken(
    target: Target,
    node: Annotated[Entity, choose("a node of which every pod may go elsewhere", _nodes, Entity.parse)],
    percent: Annotated[int, whole(300, 900)],
) -> GroundTruth:
    """Something outside of Kubernetes wants several times the CPU that a node has: pods there get what is left."""
    cores = float(parse_quantity((await target.get(node))["status"]["capacity"]["cpu"])) * percent / 100
    await target.disturb(NodeCpu(nodes=Nodes(names=(node.name,)), cores=cores))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_CPU)
