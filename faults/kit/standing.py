"""Whether something that a fault let happen still has an effect."""

from __future__ import annotations

from aiops.core.disturbance import Disturbance
from aiops.core.target import Target


async def lasts(target: Target, disturbance: Disturbance) -> bool:
    """Whether a disturbance was begun, not ended, and still has something that it acts on."""
    standing = (await target.disturbances()).values()
    return any(each.in_effect and each.disturbance == disturbance for each in standing)


async def stands(target: Target, disturbance: Disturbance) -> bool:
    """Whether it goes on, and something is left that it is tied to."""
    return any(
        standing.disturbance == disturbance and (disturbance.while_running is None or standing.in_effect)
        for standing in (await target.disturbances()).values()
    )
