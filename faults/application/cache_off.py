"""Fault: a cache that keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import CacheOff, OperationCost
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import entities, services_in_use
from aiops.faults.kit.feeling import that_feel
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_OFF, _ON = "0", "600"


async def _cached(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await that_feel(target, await services_in_use(target, namespace), CacheOff()))


async def _present(target: Target, before: Before, deployment: Entity, option: str, factor: int) -> bool:
    return await still_on(target, before, deployment, option, _OFF)


async def _other_fix(target: Target, before: Before, deployment: Entity, option: str, factor: int) -> None:
    """Ten minutes."""
    await set_variable(target, variable_of(original(before, deployment), option), _ON)


@fault(
    Mechanism.APP_CACHE,
    entities=("Deployment", "ConfigMap"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "configuration"}),
)
async def cache_off(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment with a cache", _cached, Entity.parse)],
    option: Annotated[str, one_of("CACHE_TTL_SECONDS", "CACHE_MAX_AGE", "LOOKUP_CACHE_TTL", "RESULT_CACHE_SECONDS")],
    factor: Annotated[int, whole(12, 30)],
) -> GroundTruth:
    """An option lets entries of a cache live for no time: each request has everything worked out anew."""
    subject, changed = await turn_on(target, deployment, option, _OFF, CacheOff(), OperationCost(cpu_factor=factor))
    return GroundTruth(subject=subject, mechanism=Mechanism.APP_CACHE, field=changed)
