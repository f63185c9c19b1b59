"""Fault: packets between two workloads are lost."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.network import NetworkLoss
from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.edges import both_ends, is_disturbed
from aiops.faults.kit.reach import waited_for
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NETWORK_LOSS,
    entities=("Deployment", "Service"),
    felt="requests",
    present=is_disturbed,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"network", "loss"}),
)
async def network_loss(
    target: Target,
    call: Annotated[Edge, choose("a call that users wait for", waited_for, read_edge)],
    percent: Annotated[int, whole(30, 60)],
) -> GroundTruth:
    """A large share of the packets from a workload to a service that it calls never arrives: calls are slow or fail."""
    caller, callee = await both_ends(target, call)
    await target.disturb(NetworkLoss(pods=caller, peers=callee, direction="to", percent=percent))
    return GroundTruth(subject=call, mechanism=Mechanism.NETWORK_LOSS)
