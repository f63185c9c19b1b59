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
_IDLE = 0.1
"""The share of its capacity below which a Deployment has enough for the crowd as well, once those before it let all of
it through."""

_AIM = 0.6
"""The share of their limit that pods which are full are to use, as autoscalers aim at: what was measured before the
crowd was that of a moment, and probes fail and calls are repeated before the mean is at the limit."""


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
    """More pods for every Deployment that serves and is not idle, and most for those that are full: none was busier
    than this one."""
    for service in await without_autoscaler(target, busiest.deployment.namespace):
        used = await cores_of(target, service) / capacity(service)
        full = used >= COMFORT or Entity.of(service) == busiest.deployment
        if not full and used < _IDLE:
            continue
        wanted = ceil(service["spec"].get("replicas", 1) * percent / 100 / (_AIM if full else COMFORT))
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
