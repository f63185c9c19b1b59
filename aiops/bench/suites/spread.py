"""Cases spread over applications: what larger suites share."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.fitting import applications_that_fit
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario, drawn
from aiops.lab.apps.data import application_names

GENERATED = "random:20"
"""An application that every seed draws anew."""

LOADS = (0.7, 0.85, 1.0, 1.1)
"""How many users come, as a multiple of the application's usual rate."""

WITHOUT_FAULT = 0.25
"""Share of scenarios in which nothing is wrong."""


def places(application: str | None) -> list[str]:
    """The applications of a suite: the one that was asked for, else all of them and a generated one."""
    return [application] if application else [*application_names(), GENERATED]


def spread(faults: Sequence[str], seed: int, application: str | None) -> list[Scenario]:
    """Each fault on one application that it fits, half of them with decoys, and cases without a fault among them.

    A fault that fits none is left out. Scenarios that share a world are next to each other."""
    rng = Random(f"{seed}:applications")
    fits = applications_that_fit(places(application), seed)
    scenarios: list[Scenario] = []
    for number, name in enumerate(faults):
        fitting = [place for place, known in fits.items() if name in known]
        if fitting:
            with_decoys = (number + seed) % 2 == 0
            scenarios.append(drawn("fault", name, rng.choice(fitting), seed, DECOYS.names(), with_decoys=with_decoys))
    wanted = round(len(scenarios) * WITHOUT_FAULT / (1 - WITHOUT_FAULT))
    return in_worlds(scenarios + healthy(seed, application)[:wanted])


def healthy(seed: int, application: str | None) -> list[Scenario]:
    """Every case without a fault on every application that it fits; all cases come before one comes again."""
    rng, known = Random(f"{seed}:healthy"), places(application)
    fits = applications_that_fit(known, seed)
    orders = {
        name: [place for place in rng.sample(known, len(known)) if name in fits[place]] for name in NO_FAULTS.names()
    }
    return [
        drawn("none", name, orders[name][number], seed, [], with_decoys=False)
        for number in range(len(known))
        for name in NO_FAULTS.names()
        if number < len(orders[name])
    ]


def in_worlds(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios by world; each application of a seed has its own load, and its own names where they are not drawn
    with it."""
    found = []
    for scenario in sorted(scenarios, key=lambda one: (one.seed, one.application)):
        rng = Random(f"{scenario.seed}:{scenario.application}:world")
        load, names = rng.choice(LOADS), rng.randrange(10**6)
        renamed = None if scenario.application.startswith("random:") else names
        found.append(scenario.model_copy(update={"load": load, "renamed": renamed}))
    return found
