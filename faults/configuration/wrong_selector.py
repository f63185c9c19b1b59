"""Fault: a Service's selector does not select the pods that it is for."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.selection import select, select_otherwise, selects_others
from aiops.faults.kit.workloads import Labels
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, service: Entity, form: str) -> bool:
    return await selects_others(target, before, service)


async def _other_fix(target: Target, before: Before, service: Entity, form: str) -> None:
    await select_otherwise(target, before, service)


@fault(
    Mechanism.CONFIG_SELECTOR,
    entities=("Service",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
async def wrong_selector(
    target: Target,
    service: Annotated[Entity, pick("Service")],
    form: Annotated[str, one_of("renamed", "narrowed", "neighbour")],
) -> GroundTruth:
    """A Service selects no pods, or those of another workload: what calls it is refused or gets wrong answers."""
    old: Labels = (await target.get(service))["spec"]["selector"]
    new = await _mistaken(target, service, old, form)
    await select(target, service, old, new)
    return GroundTruth(subject=service, mechanism=Mechanism.CONFIG_SELECTOR, field="spec.selector")


async def _mistaken(target: Target, service: Entity, old: Labels, form: str) -> Labels:
    key, value = next(iter(old.items()))
    if form == "narrowed":
        return {**old, "track": "stable"}
    if form == "neighbour":
        neighbours = [other for other in await serving(target, "Service", service.namespace) if other != service]
        if neighbours:
            after = [other for other in neighbours if str(other) > str(service)] or neighbours
            other: Labels = (await target.get(after[0]))["spec"]["selector"]
            return other
    return {**old, key: f"{value}-v2"}
