"""Fault: a workload's pods ask a DNS server that knows nothing of the cluster."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.reach import waiting
from aiops.faults.kit.resolving import is_lost, resolve_themselves
from aiops.faults.kit.workloads import for_pods
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.DNS_POLICY,
    entities=("Deployment",),
    felt="requests",
    present=is_lost,
    other_fix=resolve_themselves,
    tags=frozenset({"kubernetes", "dns"}),
)
async def dns_policy(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that users wait for", waiting, Entity.parse)],
    server: Annotated[str, one_of("that of the node", "1.1.1.1", "8.8.8.8", "9.9.9.9")],
) -> GroundTruth:
    """A Deployment's pods ask the DNS server of their node, or a public one: no name of the cluster is found."""
    own = {"dnsPolicy": "None", "dnsConfig": {"nameservers": [server]}}
    changes = {"dnsPolicy": "Default"} if server == "that of the node" else own
    await target.patch(deployment, for_pods(**changes))
    return GroundTruth(subject=deployment, mechanism=Mechanism.DNS_POLICY, field="spec.template.spec.dnsPolicy")
