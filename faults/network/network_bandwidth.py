"""Fault: a node's link to the others carries far too little."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance import Pods
from aiops.core.disturbance.network import NetworkBandwidth
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.node_links import other_nodes, used_nodes
from aiops.faults.kit.standing import stands
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, node: Entity, kilobits: int) -> bool:
    """Only somebody who looks after the network can end it."""
    return await stands(target, await _narrowed(target, node, kilobits))


@fault(
    Mechanism.NETWORK_BANDWIDTH,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"network", "bandwidth"}),
)
async def network_bandwidth(
    target: Target,
    node: Annotated[Entity, choose("a node with pods that users wait for", used_nodes, Entity.parse)],
    kilobits: Annotated[int, whole(100, 900)],
) -> GroundTruth:
    """The link between a node and all others carries less than a megabit a second: calls that cross it queue."""
    await target.disturb(await _narrowed(target, node, kilobits))
    return GroundTruth(subject=node, mechanism=Mechanism.NETWORK_BANDWIDTH)


async def _narrowed(target: Target, node: Entity, kilobits: int) -> NetworkBandwidth:
    others = Pods(nodes=await other_nodes(target, node))
    return NetworkBandwidth(pods=Pods(nodes=(node.name,)), peers=others, bytes_per_second=kilobits * 125)
