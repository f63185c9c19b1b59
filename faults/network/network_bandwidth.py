"""Fault: a node's link to the others carries far too little."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance import Pods
from aiops.core.disturbance.network import NetworkBandwidth
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted
from aiops.faults.kit.node_links import other_nodes, spare_nodes
from aiops.faults.kit.places import empty, runs_on
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, node: Entity, kilobits: int) -> bool:
    """Whether pods that serve still run behind the link: only somebody who looks after the network can widen it."""
    return await afflicted(target, node, "network.bandwidth") and await runs_on(target, "", node)


async def _other_fix(target: Target, before: Before, node: Entity, kilobits: int) -> None:
    """Away from the machine."""
    await empty(target, node)


@fault(
    Mechanism.NETWORK_BANDWIDTH,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"network", "bandwidth"}),
)
async def network_bandwidth(
    target: Target,
    node: Annotated[
        Entity, choose("a node with pods that users wait for, all of which may leave it", spare_nodes, Entity.parse)
    ],
    kilobits: Annotated[int, whole(100, 900)],
) -> GroundTruth:
    """The link between a node and all others carries less than a megabit a second: calls that cross it queue."""
    others = Pods(nodes=await other_nodes(target, node))
    await target.disturb(NetworkBandwidth(pods=Pods(nodes=(node.name,)), peers=others, bytes_per_second=kilobits * 125))
    return GroundTruth(subject=node, mechanism=Mechanism.NETWORK_BANDWIDTH)
