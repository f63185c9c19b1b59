"""Fault: the cluster's DNS has an address of a Service that nobody has."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.corefile import CONFIG, FIELD, add_block, corefile, full_name, replace
from aiops.faults.kit.reach import answering
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, service: Entity, number: int) -> bool:
    """No entry of the DNS may say another address than the Service's."""
    address = (await target.get(service))["spec"].get("clusterIP")
    lines = [line.split() for line in (await corefile(target)).splitlines()]
    return any(full_name(service) in words[1:] and words[0] != address for words in lines if words[1:])


async def _other_fix(target: Target, before: Before, service: Entity, number: int) -> None:
    """The entry stays, with the address that the Service has."""
    right = (await target.get(service))["spec"]["clusterIP"]
    await replace(target, _address(number), right)


@fault(
    Mechanism.DNS_WRONG_ANSWER,
    entities=("ConfigMap",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "dns"}),
)
async def dns_stale_record(
    target: Target,
    service: Annotated[Entity, choose("a Service that users wait for", answering, Entity.parse)],
    number: Annotated[int, whole(4, 250)],
) -> GroundTruth:
    """An entry of CoreDNS' hosts plugin says an address that a Service no longer has: connections to it time out."""
    await add_block(target, "hosts {", [f"    {_address(number)} {full_name(service)}", "    fallthrough", "}"])
    return GroundTruth(subject=CONFIG, mechanism=Mechanism.DNS_WRONG_ANSWER, field=FIELD)


def _address(number: int) -> str:
    """One of the range of Services, from a part of which few are taken."""
    return f"10.96.251.{number}"
