"""The suite in which nothing is ever wrong."""

from __future__ import annotations

from aiops.bench.scenario import Scenario
from aiops.bench.suites.registry import suite
from aiops.bench.suites.spread import healthy, in_worlds


@suite
def noise(seed: int, application: str | None) -> list[Scenario]:
    """Every case without a fault on every application: who finds something here raises a false alarm."""
    return in_worlds(healthy(seed, application))
