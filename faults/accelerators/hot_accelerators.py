"""Fault: the accelerators of a node are too hot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import AcceleratorThrottled
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.accelerated import nodes_that_serve
from aiops.faults.kit.machines import afflicted
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    return await nodes_that_serve(target, namespace)


async def _present(target: Target, before: Before, node: Entity, factor: int, celsius: int) -> bool:
    return await afflicted(target, node, "accelerator.throttled")


@fault(
    Mechanism.ACCELERATOR_THROTTLED,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"accelerator", "node", "latency"}),
)
async def hot_accelerators(
    target: Target,
    node: Annotated[Entity, choose("a node whose accelerators serve", _nodes, Entity.parse)],
    factor: Annotated[int, whole(10, 16)],
    celsius: Annotated[int, whole(88, 96)],
) -> GroundTruth:
    """The accelerators of a node are too hot and run at a fraction of their clock: what they serve is slow."""
    await target.disturb(AcceleratorThrottled(nodes=Nodes(names=(node.name,)), factor=factor, celsius=celsius))
    return GroundTruth(subject=node, mechanism=Mechanism.ACCELERATOR_THROTTLED)
