"""Fault: a workload's pods search short names in another namespace."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.reach import waiting
from aiops.faults.kit.resolving import dns_address, is_lost, resolve_themselves, search_of
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
async def dns_search(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that users wait for", waiting, Entity.parse)],
    suffix: Annotated[str, one_of("prod", "staging", "v2", "system", "eu")],
) -> GroundTruth:
    """A Deployment's own resolver searches the names of another namespace: the names that it calls are not found."""
    searches = search_of(f"{deployment.namespace}-{suffix}")
    config = {"nameservers": [await dns_address(target)], "searches": searches}
    changes = {"dnsPolicy": "None", "dnsConfig": config}
    await target.patch(deployment, for_pods(**changes))
    return GroundTruth(subject=deployment, mechanism=Mechanism.DNS_POLICY, field="spec.template.spec.dnsConfig")
