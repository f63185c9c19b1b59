"""Which faults an application has room for: some need a certificate, a volume, an accelerator."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

from aiops.bench import forks
from aiops.bench.stage import Stage, settled
from aiops.core.errors import AiopsError
from aiops.faults.injection import RememberingTarget, draw
from aiops.faults.registry import FAULTS

SEED = 0
LIMIT = 120.0
"""Wall seconds for one application."""


def applications_that_fit(applications: Sequence[str]) -> dict[str, frozenset[str]]:
    """For each application the faults for which something can be drawn in it."""
    return {name: _fitting(name) for name in applications}


@cache
def _fitting(application: str) -> frozenset[str]:
    """Asked of a young world, in a fork: nothing of it stays."""
    return frozenset(cast("list[str]", forks.run(lambda: asyncio.run(_drawable(application)), LIMIT)))


async def _drawable(application: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(settled(application, SEED), Path(folder))
        target = RememberingTarget(stage.engineer, stage.plane)
        found = []
        for fault in FAULTS:
            try:
                await draw(fault, target, stage.namespace, SEED)
            except AiopsError:
                continue  # this application has nothing of the kind
            found.append(fault.name)
        return found
