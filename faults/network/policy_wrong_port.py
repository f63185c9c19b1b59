"""Fault: a NetworkPolicy lets clients in on a port on which nobody listens."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.guards import NAMES, guard, named, open_in_place, shut_out
from aiops.faults.kit.reach import answering
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.NETWORK_POLICY,
    entities=("NetworkPolicy",),
    felt="requests",
    present=shut_out,
    other_fix=open_in_place,
    tags=frozenset({"kubernetes", "network"}),
)
async def policy_wrong_port(
    target: Target,
    service: Annotated[Entity, choose("a Service that users wait for", answering, Entity.parse)],
    suffix: Annotated[str, one_of(*NAMES)],
    port: Annotated[int, whole(7001, 7999)],
) -> GroundTruth:
    """A new policy lets the callers of a workload in, on another port than its own: their connections time out."""
    manifest = await guard(target, service, suffix)
    manifest["spec"]["ingress"][0]["ports"] = [{"port": port, "protocol": "TCP"}]
    await target.create(manifest)
    return GroundTruth(
        subject=named(service, suffix), mechanism=Mechanism.NETWORK_POLICY, field="spec.ingress[0].ports"
    )
