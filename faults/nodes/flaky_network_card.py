"""Fault: a machine's network card loses packets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.network import NetworkCorruption, NetworkLoss
from aiops.core.disturbance.scope import Pods
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted
from aiops.faults.kit.places import empty, nodes_that_can_be_emptied, runs_on
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    return await nodes_that_can_be_emptied(target, namespace)


async def _present(target: Target, before: Before, node: Entity, percent: int, form: str) -> bool:
    """Whether pods that serve still run on the machine."""
    return await afflicted(target, node, "network.loss", "network.corruption") and await runs_on(target, "", node)


async def _other_fix(target: Target, before: Before, node: Entity, percent: int, form: str) -> None:
    """Away from the machine."""
    await empty(target, node)


@fault(
    Mechanism.NODE_NETWORK,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"node"}),
)
async def flaky_network_card(
    target: Target,
    node: Annotated[Entity, choose("a node of which every pod may go elsewhere", _nodes, Entity.parse)],
    percent: Annotated[int, whole(12, 30)],
    form: Annotated[str, one_of("lost", "garbled")],
) -> GroundTruth:
    """A machine's network card or cable loses or garbles a share of the packets of everything that runs there."""
    packets = NetworkLoss if form == "lost" else NetworkCorruption
    await target.disturb(packets(pods=Pods(nodes=(node.name,)), percent=percent))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_NETWORK)
