"""Fault: a NetworkPolicy lets clients in by another protocol than theirs."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.guards import NAMES, guard, named, open_in_place, shut_out
from aiops.faults.kit.reach import answering
from aiops.faults.parameters import choose, one_of
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
async def policy_wrong_protocol(
    target: Target,
    service: Annotated[Entity, choose("a Service that users wait for", answering, Entity.parse)],
    suffix: Annotated[str, one_of(*NAMES)],
    protocol: Annotated[str, one_of("UDP", "SCTP")],
) -> GroundTruth:
    """A new policy lets the callers of a workload in, but for UDP or SCTP: their TCP connections time out."""
    manifest = await guard(target, service, suffix)
    manifest["spec"]["ingress"][0]["ports"][0]["protocol"] = protocol
    await target.create(manifest)
    return GroundTruth(
        subject=named(service, suffix), mechanism=Mechanism.NETWORK_POLICY, field="spec.ingress[0].ports"
    )
