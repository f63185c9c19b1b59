"""Fault: the accelerators of a node have failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import AcceleratorFailed
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.accelerated import nodes_of_single_pods
from aiops.faults.kit.machines import afflicted
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    return await nodes_of_single_pods(target, namespace)


async def _present(target: Target, before: Before, node: Entity, xid: str) -> bool:
    return await afflicted(target, node, "accelerator.failed")


@fault(
    Mechanism.ACCELERATOR_FAILED,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"accelerator", "node"}),
)
async def accelerator_failed(
    target: Target,
    node: Annotated[Entity, choose("the node of a single pod with accelerators", _nodes, Entity.parse)],
    xid: Annotated[str, one_of("48", "74", "79", "94", "95")],
) -> GroundTruth:
    """The accelerators of a node fail with an Xid: what uses them ends, and the node offers none any more."""
    await target.disturb(AcceleratorFailed(nodes=Nodes(names=(node.name,)), xid=int(xid)))
    return GroundTruth(subject=node, mechanism=Mechanism.ACCELERATOR_FAILED)
