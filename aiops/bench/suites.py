"""Named sets of scenarios."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario, drawn
from aiops.core.errors import UnknownNameError
from aiops.faults.registry import FAULTS

Suite = Callable[[Sequence[int], str], list[Scenario]]


def smoke(seeds: Sequence[int], application: str) -> list[Scenario]:
    """Every fault and every case without one on an application; every other fault scenario with decoys."""
    scenarios = []
    for seed in seeds:
        for number, name in enumerate(FAULTS.names()):
            with_decoys = (number + seed) % 2 == 0
            scenarios.append(drawn("fault", name, application, seed, DECOYS.names(), with_decoys=with_decoys))
        scenarios += [drawn("none", name, application, seed, [], with_decoys=False) for name in NO_FAULTS.names()]
    return scenarios


SUITES: dict[str, Suite] = {"smoke": smoke}


def scenarios_of(suite: str, seeds: Sequence[int], application: str = "hotel") -> list[Scenario]:
    """The scenarios of a suite on an application, seed by seed. Raises `UnknownNameError`."""
    if suite not in SUITES:
        raise UnknownNameError("suite", suite, SUITES)
    return SUITES[suite](seeds, application)
