"""Fault: a workload opens so many connections that its node tracks no new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import NodeConnections
from aiops.core.disturbance.scope import Nodes, Pods
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.culprits import IDLE, batch_deployment, pinned_to, runs, stop, unused
from aiops.faults.kit.node_links import used_nodes
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

NAMES = ("link-checker", "uptime-prober", "partner-sync", "asset-inventory", "sitemap-crawler")


async def _places(target: Target, namespace: str) -> Sequence[Edge]:
    """A name for a workload, and a node on which pods run that users wait for."""
    nodes = await used_nodes(target, namespace)
    return [Edge(source=name, target=node) for name in await unused(target, namespace, *NAMES) for node in nodes]


async def _present(target: Target, before: Before, place: Edge, thousands: int) -> bool:
    """The workload must not run."""
    return await runs(target, place.source) is not None


async def _other_fix(target: Target, before: Before, place: Edge, thousands: int) -> None:
    """The workload is stopped; it stays installed."""
    await stop(target, place.source)


@fault(
    Mechanism.NETWORK_PORTS_EXHAUSTED,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"network", "node"}),
)
async def conntrack_exhaustion(
    target: Target,
    place: Annotated[Edge, choose("a name for a workload, and a node", _places, read_edge)],
    thousands: Annotated[int, whole(600, 2_500)],
) -> GroundTruth:
    """A new workload fills its node's table of tracked connections: new connections to and from the node are lost."""
    batch, node = place.source, place.target
    pods = Pods(namespace=batch.namespace, labels={"app": batch.name})
    await target.disturb(
        NodeConnections(nodes=Nodes(names=(node.name,)), entries=thousands * 1_000, while_running=pods)
    )
    container = {**IDLE, "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}}
    await target.create(batch_deployment(batch, container, 1, **await pinned_to(target, node)))
    return GroundTruth(subject=batch, mechanism=Mechanism.NETWORK_PORTS_EXHAUSTED)
