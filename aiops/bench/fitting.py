"""Which cases an application has room for: some need a certificate, a volume, an accelerator."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import cast

from aiops.bench import forks
from aiops.bench.nofault.registry import NO_FAULTS, NoFault
from aiops.bench.stage import Stage, settled
from aiops.core.errors import AiopsError
from aiops.faults.injection import RememberingTarget, draw
from aiops.faults.registry import FAULTS
from aiops.lab.world import World

SEED = 0
GENERATED = "random:"
"""What the names of applications begin with that every seed draws anew."""

LIMIT = 120.0
"""Wall seconds for one application."""


def applications_that_fit(applications: Sequence[str], seed: int) -> dict[str, frozenset[str]]:
    """For each application the faults, and the cases without one, for which something can be drawn in it. One that is
    drawn is asked as `seed` draws it."""
    return {name: _fitting(name, seed if name.startswith(GENERATED) else SEED) for name in applications}


@cache
def _fitting(application: str, seed: int) -> frozenset[str]:
    """Asked of a young world, in a fork: nothing of it stays."""
    return frozenset(cast("list[str]", forks.run(lambda: _possible(settled(application, seed), seed), LIMIT)))


def _possible(world: World, seed: int) -> list[str]:
    faults = asyncio.run(_drawable(world, seed))
    cases = [case.name for case in NO_FAULTS if forks.run(partial(_goes, world, case, seed), LIMIT)]
    return faults + cases


async def _drawable(world: World, seed: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(world, Path(folder))
        target = RememberingTarget(stage.engineer, stage.plane)
        found = []
        for fault in FAULTS:
            try:
                await draw(fault, target, stage.namespace, seed)
            except AiopsError:
                continue  # this application has nothing of the kind
            found.append(fault.name)
        return found


def _goes(world: World, case: NoFault, seed: int) -> bool:
    """Whether a case without a fault can be arranged, which uses the world up."""

    async def arrange() -> None:
        stage = Stage(world, Path(folder))
        await case.function(stage, stage.access("operator", "kubectl"), Random(seed))

    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(arrange())
        except AiopsError:
            return False
        return True
