"""Fault: packets between two workloads take too long."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.network import NetworkDelay
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.edges import both_ends, is_disturbed
from aiops.faults.kit.reach import waited_for
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NETWORK_LATENCY,
    entities=("Deployment", "Service"),
    felt="requests",
    present=is_disturbed,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"network", "latency"}),
)
async def network_latency(
    target: Target,
    call: Annotated[Edge, choose("a call that users wait for", waited_for, read_edge)],
    milliseconds: Annotated[int, whole(900, 3000)],
) -> GroundTruth:
    """Every round trip from a workload to a service that it calls takes a second or more: calls run into timeouts."""
    caller, callee = await both_ends(target, call)
    await target.disturb(
        NetworkDelay(
            pods=caller, peers=callee, direction="to", seconds=milliseconds / 1000, jitter_seconds=milliseconds / 5000
        )
    )
    return GroundTruth(subject=call, mechanism=Mechanism.NETWORK_LATENCY)
