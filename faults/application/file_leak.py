"""Fault: a new version that does not close its files."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import FileLeak
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump, BusyService
from aiops.faults.kit.releases import release, roll_forward, still_released
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


@fault(
    Mechanism.APP_FILE_LEAK,
    entities=("Deployment",),
    felt="requests",
    present=still_released,
    other_fix=roll_forward,
    tags=frozenset({"application", "rollout"}),
)
async def file_leak(
    target: Target,
    deployment: BusyService,
    bump: Bump,
    per_second: Annotated[int, whole(6, 20)],
) -> GroundTruth:
    """A new version is rolled out that leaves files and sockets open, until its processes may open no more."""
    changed = await release(target, deployment, bump, FileLeak(per_second=per_second))
    return GroundTruth(subject=deployment, mechanism=Mechanism.APP_FILE_LEAK, field=changed)
