"""Fault: a new version that does not give the connections of its pools back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import ConnectionLeak
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import entities, services_in_use
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.feeling import that_feel
from aiops.faults.kit.releases import release, roll_forward, still_released
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


async def _pooled(target: Target, namespace: str) -> Sequence[Entity]:
    leak = ConnectionLeak(per_second=1.0)
    return entities(await that_feel(target, await services_in_use(target, namespace), leak))


@fault(
    Mechanism.APP_CONNECTION_LEAK,
    entities=("Deployment",),
    felt="requests",
    present=still_released,
    other_fix=roll_forward,
    tags=frozenset({"application", "rollout"}),
)
async def connection_leak(
    target: Target,
    deployment: Annotated[
        Entity, choose("a Deployment whose processes have pools of connections", _pooled, Entity.parse)
    ],
    bump: Bump,
    per_minute: Annotated[int, whole(30, 90)],
) -> GroundTruth:
    """A new version is rolled out that forgets to give connections back: soon every request waits for one in vain."""
    changed = await release(target, deployment, bump, ConnectionLeak(per_second=per_minute / 60))
    return GroundTruth(subject=deployment, mechanism=Mechanism.APP_CONNECTION_LEAK, field=changed)
