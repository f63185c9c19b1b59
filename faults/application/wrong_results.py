"""Fault: a new version that answers wrongly."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import WrongAnswers
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
    felt="answers",
    present=still_released,
    other_fix=roll_forward,
    tags=frozenset({"application", "rollout"}),
)
async def wrong_results(
    target: Target,
    deployment: BusyService,
    bump: Bump,
    percent: Annotated[int, whole(40, 90)],
) -> GroundTruth:
    """A new version is rolled out that answers in time and without an error, and often wrongly."""
    changed = await release(target, deployment, bump, WrongAnswers(percent=percent))
    return GroundTruth(subject=deployment, mechanism=Mechanism.APP_VERSION, field=changed)
