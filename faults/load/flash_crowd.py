"""Fault: more users than there are pods for."""

from __future__ import annotations

from math import ceil
from typing import Annotated

from aiops.core.disturbance.load import LoadIncrease
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busiest import COMFORT, Busiest, BusiestService, capacity, without_autoscaler
from aiops.faults.kit.busy import cores_of
from aiops.faults.kit.standing import lasts
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_RISE = 60.0
_IDLE = 0.15
"""The share of its capacity below which a Deployment has enough for the crowd as well."""


def _crowd(busiest: Busiest, percent: int, full: float) -> LoadIncrease:
    """So many users that the busiest Deployment would need `percent` of what it may use."""
    return LoadIncrease(factor=round(percent / 100 * full * 1000 / busiest.millicores, 2), rise_seconds=_RISE)


async def _present(target: Target, before: Before, busiest: Busiest, percent: int) -> bool:
    """Whether the crowd is there, and the busiest Deployment may not use what it needs for it."""
    full = capacity(original(before, busiest.deployment))
    present = await find(target, busiest.deployment)
    enough = present is not None and capacity(present) >= percent / 100 * full
    return not enough and await lasts(target, _crowd(busiest, percent, full))


async def _other_fix(target: Target, before: Before, busiest: Busiest, percent: int) -> None:
    """As many more pods for every Deployment that serves and is not idle: none was busier than this one."""
    for service in await without_autoscaler(target, busiest.deployment.namespace):
        if Entity.of(service) != busiest.deployment and await cores_of(target, service) < _IDLE * capacity(service):
            continue
        wanted = ceil(service["spec"].get("replicas", 1) * percent / 100 / COMFORT)
        await target.patch(Entity.of(service), {"spec": {"replicas": wanted}}, "merge")


@fault(
    Mechanism.LOAD_INCREASE,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"load"}),
)
async def flash_crowd(target: Target, busiest: BusiestService, percent: Annotated[int, whole(110, 120)]) -> GroundTruth:
    """Many more users come within a minute, and stay: the Deployment with least to spare is overloaded first."""
    full = capacity(await target.get(busiest.deployment))
    await target.disturb(_crowd(busiest, percent, full))
    return GroundTruth(subject=busiest.deployment, mechanism=Mechanism.LOAD_INCREASE)
