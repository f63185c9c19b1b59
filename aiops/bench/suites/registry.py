"""Suites by name: one file, one decorated function, one suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiops.bench.scenario import Scenario
from aiops.core.errors import InvalidInputError
from aiops.core.registry import Registry, summary_of

SuiteFunction = Callable[[int, str | None], list[Scenario]]
"""(seed, application or None for those that the suite itself chooses) -> the scenarios of one seed, those that share a
world next to each other."""

HELD_OUT = 900_000
"""Seeds from here on are nobody's to tune on: who has seen them cannot measure with them any more."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A named set of scenarios."""

    name: str
    summary: str
    function: SuiteFunction


SUITES: Registry[Suite] = Registry("suite", "aiops.bench.suites")


def suite(function: SuiteFunction) -> SuiteFunction:
    """Register a suite under its function's name."""
    SUITES.add(function.__name__, Suite(function.__name__, summary_of(function), function))
    return function


def scenarios_of(name: str, seeds: Sequence[int], application: str | None = None) -> list[Scenario]:
    """The scenarios of a suite, seed by seed. Raises `UnknownNameError`."""
    function = SUITES.get(name).function
    return [scenario for seed in seeds for scenario in function(seed, application)]


def check_held_out(seeds: Sequence[int], *, allowed: bool) -> None:
    """Raises `InvalidInputError` where seeds that are held out are used without saying so."""
    held = [seed for seed in seeds if seed >= HELD_OUT]
    if held and not allowed:
        raise InvalidInputError(
            f"--seeds: {held[0]} is held out: seeds from {HELD_OUT} on are for a last measurement, and an agent that "
            "was tuned on them cannot be measured with them any more; --held-out says that this is one"
        )
