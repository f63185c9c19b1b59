"""Fault: packets between two workloads take too long."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.network import NetworkDelay
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.edges import both_ends, stands
from aiops.faults.kit.reach import waited_for
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, call: Edge, milliseconds: int) -> bool:
    """Only somebody who looks after the network can end it."""
    return await stands(target, await _disturbance(target, call, milliseconds))


@fault(
    Mechanism.NETWORK_LATENCY,
    entities=("Deployment", "Service"),
    felt="requests",
    present=_present,
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
    await target.disturb(await _disturbance(target, call, milliseconds))
    return GroundTruth(subject=call, mechanism=Mechanism.NETWORK_LATENCY)


async def _disturbance(target: Target, call: Edge, milliseconds: int) -> NetworkDelay:
    caller, callee = await both_ends(target, call)
    return NetworkDelay(
        pods=caller, peers=callee, direction="to", seconds=milliseconds / 1000, jitter_seconds=milliseconds / 5000
    )
