"""The suite in which several things are wrong at once."""

from __future__ import annotations

from aiops.bench.scenario import Scenario
from aiops.bench.suites.registry import suite
from aiops.bench.suites.spread import spread
from aiops.faults.registry import FAULTS

FAMILY = "several"


@suite
def multi(seed: int, application: str | None) -> list[Scenario]:
    """Faults that are several at once or that hide each other, on drawn applications; a quarter without a fault."""
    return spread([fault.name for fault in FAULTS if fault.family == FAMILY], seed, application)
