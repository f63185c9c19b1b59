"""Fault: a node's kubelet has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import KubeletStopped
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted, hard_to_spare
from aiops.faults.parameters import choose
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    return await hard_to_spare(target, namespace)


async def _present(target: Target, before: Before, node: Entity) -> bool:
    return await afflicted(target, node, "node.kubelet_stopped")


@fault(
    Mechanism.NODE_NOT_READY,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def kubelet_stopped(
    target: Target,
    node: Annotated[Entity, choose("a node whose pods cannot go elsewhere", _nodes, Entity.parse)],
) -> GroundTruth:
    """A node's kubelet stops: its containers go on, but the node and its pods count as not ready."""
    await target.disturb(KubeletStopped(nodes=Nodes(names=(node.name,))))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_NOT_READY)
