"""The suite for who writes a fault: all of them on one application, with its own names."""

from __future__ import annotations

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario, drawn
from aiops.bench.suites.registry import suite
from aiops.bench.suites.smoke import APPLICATION
from aiops.faults.registry import FAULTS


@suite
def each(seed: int, application: str | None) -> list[Scenario]:
    """Every fault and every case without one on one application; every other fault with decoys."""
    place = application or APPLICATION
    faults = [
        drawn("fault", name, place, seed, DECOYS.names(), with_decoys=(number + seed) % 2 == 0)
        for number, name in enumerate(FAULTS.names())
    ]
    return faults + [drawn("none", name, place, seed, [], with_decoys=False) for name in NO_FAULTS.names()]
