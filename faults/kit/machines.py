"""Machines that something is wrong with below the Kubernetes API."""

from __future__ import annotations

from aiops.core.disturbance.scope import OnNodes, OnPods
from aiops.core.entity import Entity
from aiops.core.target import Target
from aiops.faults.kit.workloads import find
from aiops.faults.registry import Before, PresentFunction


def afflicted_by(kind: str) -> PresentFunction:
    """Whether a disturbance of a kind stands on a fault's node."""

    async def present(target: Target, before: Before, node: Entity, **_: object) -> bool:
        return await afflicted(target, node, kind)

    return present


async def afflicted(target: Target, node: Entity, *kinds: str) -> bool:
    """Whether a disturbance of one of these kinds stands on a node that is still in the cluster."""
    if await find(target, node) is None:
        return False
    return any(
        standing.disturbance.kind in kinds and node.name in _nodes(standing.disturbance)
        for standing in (await target.disturbances()).values()
    )


def _nodes(disturbance: object) -> tuple[str, ...]:
    if isinstance(disturbance, OnNodes):
        return disturbance.nodes.names
    return disturbance.pods.nodes if isinstance(disturbance, OnPods) else ()
