"""Fault: a new version that never gives memory back."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import MemoryLeak
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump, BusyService
from aiops.faults.kit.limits import limit_of
from aiops.faults.kit.releases import release, roll_forward, still_released
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.APP_MEMORY_LEAK,
    entities=("Deployment",),
    felt="requests",
    present=still_released,
    other_fix=roll_forward,
    tags=frozenset({"application", "restarts"}),
)
async def memory_leak(
    target: Target,
    deployment: BusyService,
    bump: Bump,
    seconds: Annotated[int, whole(40, 90)],
) -> GroundTruth:
    """A new version is rolled out whose processes fill their memory limit within so many seconds, and are killed."""
    _, limit = limit_of(await target.get(deployment), "memory")
    changed = await release(target, deployment, bump, MemoryLeak(bytes_per_second=limit / seconds))
    return GroundTruth(subject=deployment, mechanism=Mechanism.APP_MEMORY_LEAK, field=changed)
