"""Fault: a new version that waits."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import OperationCost
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump, BusyService
from aiops.faults.kit.releases import release, roll_forward, still_released
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.APP_VERSION,
    entities=("Deployment",),
    felt="requests",
    present=still_released,
    other_fix=roll_forward,
    tags=frozenset({"application", "rollout"}),
)
async def slow_version(
    target: Target,
    deployment: BusyService,
    bump: Bump,
    seconds: Annotated[int, whole(3, 8)],
) -> GroundTruth:
    """A new version is rolled out that waits for seconds in each request: callers and users give up."""
    changed = await release(target, deployment, bump, OperationCost(wait_seconds=seconds))
    return GroundTruth(subject=deployment, mechanism=Mechanism.APP_VERSION, field=changed)
