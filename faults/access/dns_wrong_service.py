"""Fault: the cluster's DNS answers for one Service with another."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.corefile import CONFIG, FIELD, add_block, corefile, full_name, replace
from aiops.faults.kit.reach import answering
from aiops.faults.parameters import choose, read_edge
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _swaps(target: Target, namespace: str) -> list[Edge]:
    """Each two different Services that users wait for."""
    services = await answering(target, namespace)
    return [Edge(source=one, target=other) for one in services for other in services if one != other]


async def _present(target: Target, before: Before, swap: Edge) -> bool:
    """No rewrite may lead from the Service to another name."""
    lines = [line.split() for line in (await corefile(target)).splitlines()]
    return any(words[:1] == ["rewrite"] and words[-2:-1] == [full_name(swap.source)] != words[-1:] for words in lines)


async def _other_fix(target: Target, before: Before, swap: Edge) -> None:
    """The rule leads to the Service itself."""
    await replace(target, _rule(swap.source, swap.target), _rule(swap.source, swap.source))


@fault(
    Mechanism.DNS_WRONG_ANSWER,
    entities=("ConfigMap",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "dns"}),
)
async def dns_wrong_service(
    target: Target,
    swap: Annotated[Edge, choose("a Service that users wait for, and another one", _swaps, read_edge)],
) -> GroundTruth:
    """A rewrite rule of CoreDNS answers for one Service with the address of another: calls reach the wrong server."""
    await add_block(target, _rule(swap.source, swap.target), [])
    return GroundTruth(subject=CONFIG, mechanism=Mechanism.DNS_WRONG_ANSWER, field=FIELD)


def _rule(asked: Entity, answered: Entity) -> str:
    return f"rewrite name exact {full_name(asked)} {full_name(answered)}"
