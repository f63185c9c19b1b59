"""Fault: a node's kubelet has stopped."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.machine import KubeletStopped
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted_by
from aiops.faults.kit.places import nodes_with_claims
from aiops.faults.parameters import choose
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NODE_NOT_READY,
    entities=("Node",),
    felt="requests",
    present=afflicted_by("node.kubelet_stopped"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def kubelet_stopped(
    target: Target,
    node: Annotated[Entity, choose("a node whose pods cannot go elsewhere", nodes_with_claims, Entity.parse)],
) -> GroundTruth:
    """A node's kubelet stops: its containers go on, but the node and its pods count as not ready."""
    await target.disturb(KubeletStopped(nodes=Nodes(names=(node.name,))))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_NOT_READY)
