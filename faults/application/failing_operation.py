"""Fault: a new version with an exception in some of its operations."""

from __future__ import annotations

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.operations import Operations, SomeOperations
from aiops.faults.kit.releases import release, roll_forward, still_released
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, operations: Operations, bump: str) -> bool:
    return await still_released(target, before, operations.deployment, bump)


async def _other_fix(target: Target, before: Before, operations: Operations, bump: str) -> None:
    """A later version that does it right."""
    await roll_forward(target, before, operations.deployment, bump)


@fault(
    Mechanism.APP_VERSION,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "rollout"}),
)
async def failing_operation(target: Target, operations: SomeOperations, bump: Bump) -> GroundTruth:
    """A new version is rolled out in which all operations with one method fail, and all others work."""
    errors = OperationErrors(operation=operations.method, percent=100)
    changed = await release(target, operations.deployment, bump, errors)
    return GroundTruth(subject=operations.deployment, mechanism=Mechanism.APP_VERSION, field=changed)
