"""No fault: fewer users than usual."""

from __future__ import annotations

from random import Random

from aiops.bench.nofault.registry import no_fault
from aiops.bench.stage import Access, Stage
from aiops.core.disturbance.load import LoadIncrease


@no_fault
async def lower_load(stage: Stage, access: Access, rng: Random) -> None:
    """Half of the users or more stay away, as on a holiday: all figures fall, and nobody misses anything."""
    fewer = LoadIncrease(factor=rng.uniform(0.2, 0.5), rise_seconds=float(rng.randint(30, 240)))
    await stage.plane.begin("fewer-users", fewer)
