"""Fault: nothing passes between two nodes."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance import Pods
from aiops.core.disturbance.network import NetworkPartition
from aiops.core.entity import Edge, ends
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.node_links import pairs_of_nodes
from aiops.faults.kit.places import empty, nodes_that_can_be_emptied, runs_on
from aiops.faults.kit.standing import stands
from aiops.faults.parameters import choose, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, nodes: Edge) -> bool:
    """Whether pods still run on both sides: only somebody who looks after the network can join them."""
    apart = [await runs_on(target, "", node) for node in ends(nodes)]
    return all(apart) and await stands(target, _between(nodes))


async def _other_fix(target: Target, before: Before, nodes: Edge) -> None:
    """Away from one of the two."""
    spare = await nodes_that_can_be_emptied(target, "")
    await empty(target, next(node for node in ends(nodes) if node in spare))


@fault(
    Mechanism.NETWORK_PARTITION,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"network", "partition"}),
)
async def network_partition(
    target: Target,
    nodes: Annotated[
        Edge,
        choose("two nodes with pods that users wait for, one of which all may leave", pairs_of_nodes, read_edge),
    ],
) -> GroundTruth:
    """No packet passes between the pods of two nodes, each of which reaches all others: some calls time out."""
    await target.disturb(_between(nodes))
    return GroundTruth(subject=nodes, mechanism=Mechanism.NETWORK_PARTITION)


def _between(nodes: Edge) -> NetworkPartition:
    return NetworkPartition(pods=Pods(nodes=(nodes.source.name,)), peers=Pods(nodes=(nodes.target.name,)))
