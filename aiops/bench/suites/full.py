"""The suite of everything."""

from __future__ import annotations

from aiops.bench.scenario import Scenario
from aiops.bench.suites.registry import suite
from aiops.bench.suites.spread import spread
from aiops.faults.registry import FAULTS


@suite
def full(seed: int, application: str | None) -> list[Scenario]:
    """Every fault on a drawn application with other names and load; decoys in half, a quarter without a fault."""
    return spread(FAULTS.names(), seed, application)
