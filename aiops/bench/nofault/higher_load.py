"""No fault: more users than usual, whom the application carries."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.disturbance.load import LoadIncrease


@no_fault
async def higher_load(stage: Stage, access: Access, rng: Random) -> None:
    """A sixth to a third more users come, over some minutes, and stay: there is room for them."""
    more = LoadIncrease(factor=rng.uniform(1.15, 1.33), rise_seconds=float(rng.randint(60, 300)))
    await stage.plane.begin("more-users", more)
