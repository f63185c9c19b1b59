"""The suite that goes through all kinds of faults in little time."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.fitting import applications_that_fit
from aiops.bench.scenario import Scenario, drawn
from aiops.bench.suites.registry import suite
from aiops.bench.suites.spread import in_worlds, places
from aiops.faults.registry import FAULTS
from aiops.lab.apps import load_application


@suite
def kinds(seed: int, application: str | None) -> list[Scenario]:
    """Every fault on the smallest application that it fits, with other names and load; every other one with decoys.

    One that fits none is there as well, so that it is refused and does not go unseen."""
    fits = applications_that_fit(places(application), seed)
    by_size = smallest_first(fits, seed)
    chosen = [
        drawn(
            "fault",
            name,
            next((place for place in by_size if name in fits[place]), by_size[0]),
            seed,
            DECOYS.names(),
            with_decoys=(number + seed) % 2 == 0,
        )
        for number, name in enumerate(FAULTS.names())
    ]
    return in_worlds(chosen)


def smallest_first(applications: Iterable[str], seed: int) -> list[str]:
    """By the number of their pods."""
    return sorted(applications, key=lambda place: (_pods(place, seed), place))


def _pods(place: str, seed: int) -> int:
    return sum(workload.replicas for workload in load_application(place, seed=seed).workloads.values())
