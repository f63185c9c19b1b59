"""Fault: the clock of a node is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import NodeClock
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.machines import afflicted_by
from aiops.faults.kit.places import is_ready, node_entity
from aiops.faults.kit.reliance import share_of
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

_NEEDED = 0.04
"""The share of users' requests that a store has to serve: all that ask it fail."""


async def _nodes(target: Target, namespace: str) -> Sequence[Entity]:
    """The nodes of object stores that users' requests need: these refuse what was signed at another time."""
    relied = await target.reliance()
    pods = [
        pod
        for pod in await target.list("Pod", "")
        if is_ready(pod) and _serves_objects(pod) and share_of(_store(pod), relied) >= _NEEDED
    ]
    return [node_entity(name) for name in sorted({str(pod["spec"]["nodeName"]) for pod in pods})]


@fault(
    Mechanism.NODE_CLOCK,
    entities=("Node",),
    felt="requests",
    present=afflicted_by("node.clock"),
    other_fix=None,
    cure="escalate",
    tags=frozenset({"node"}),
)
async def clock_drift(
    target: Target,
    node: Annotated[Entity, choose("the node of an object store", _nodes, Entity.parse)],
    minutes: Annotated[int, whole(18, 300)],
    way: Annotated[str, one_of("ahead", "behind")],
) -> GroundTruth:
    """The clock of a node is minutes wrong: an object store there takes its clients' signatures for too old or new."""
    seconds = 60.0 * minutes * (1 if way == "ahead" else -1)
    await target.disturb(NodeClock(nodes=Nodes(names=(node.name,)), seconds=seconds))
    return GroundTruth(subject=node, mechanism=Mechanism.NODE_CLOCK)


def _store(pod: Manifest) -> str:
    meta = pod["metadata"]
    return f"StatefulSet/{meta['namespace']}/{meta['name'].rpartition('-')[0]}"


def _serves_objects(pod: Manifest) -> bool:
    ports = [port for container in pod["spec"]["containers"] for port in container.get("ports") or ()]
    return any(port.get("name") == "s3" for port in ports)
