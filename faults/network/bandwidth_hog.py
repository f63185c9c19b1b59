"""Fault: a workload takes the link of its node up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance import Pods
from aiops.core.disturbance.network import NetworkBandwidth
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import pods_of
from aiops.faults.kit.culprits import IDLE, batch_deployment, pinned_to, runs, stop, unused
from aiops.faults.kit.node_links import other_nodes, used_nodes
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

NAMES = ("archive-mirror", "media-sync", "dataset-upload", "snapshot-shipper", "offsite-copy")

SCRIPT = "echo copying everything with 512 streams; sleep 21600; echo done"


async def _places(target: Target, namespace: str) -> Sequence[Edge]:
    """A name for a workload, and a node on which pods run that users wait for."""
    nodes = await used_nodes(target, namespace)
    return [Edge(source=name, target=node) for name in await unused(target, namespace, *NAMES) for node in nodes]


async def _present(target: Target, before: Before, place: Edge, kilobits: int) -> bool:
    """The workload must not run."""
    return await runs(target, place.source) is not None


async def _other_fix(target: Target, before: Before, place: Edge, kilobits: int) -> None:
    """The workload is stopped; it stays installed."""
    await stop(target, place.source)


@fault(
    Mechanism.NETWORK_BANDWIDTH,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"network", "bandwidth", "node"}),
)
async def bandwidth_hog(
    target: Target,
    place: Annotated[Edge, choose("a name for a workload, and a node", _places, read_edge)],
    kilobits: Annotated[int, whole(100, 700)],
) -> GroundTruth:
    """A new workload copies everything elsewhere with many streams: its node's link has little left for calls."""
    culprit, node = place.source, place.target
    others = Pods(nodes=await other_nodes(target, node))
    await target.disturb(
        NetworkBandwidth(
            pods=Pods(nodes=(node.name,)),
            peers=others,
            bytes_per_second=kilobits * 125,
            while_running=pods_of(culprit),
        )
    )
    container = {
        **IDLE,
        "command": ["sh", "-c", SCRIPT],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    }
    await target.create(batch_deployment(culprit, container, 1, **await pinned_to(target, node)))
    return GroundTruth(subject=culprit, mechanism=Mechanism.NETWORK_BANDWIDTH)
