"""Fault: the host below a virtual machine takes its CPU away."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.machine import NodeSteal
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted
from aiops.faults.kit.node_links import spare_nodes
from aiops.faults.kit.places import empty, runs_on
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, node: Entity, percent: int) -> bool:
    """Whether pods that serve still run on the machine."""
    return await afflicted(target, node, "node.steal") and await runs_on(target, "", node)


async def _other_fix(target: Target, before: Before, node: Entity, percent: int) -> None:
    """Away from the machine."""
    await empty(target, node)


@fault(
    Mechanism.NODE_CPU,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"node", "latency"}),
)
async def stolen_cpu(
    target: Target,
    node: Annotated[
        Entity, choose("a node with pods that users wait for, all of which may leave it", spare_nodes, Entity.parse)
    ],
    percent: Annotated[int, whole(93, 97)],
) -> GroundTruth:
    """A virtual machine has used its CPU credits up, or has a noisy neighbour: the host leaves it a few percent."""
    await target.disturb(NodeSteal(nodes=Nodes(names=(node.name,)), percent=percent))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_CPU)
