"""Cases in which nothing is wrong, by name: one file, one decorated function, one case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from aiops.bench.stage import Access, Stage
from aiops.core.registry import Registry, summary_of

NoFaultFunction = Callable[[Stage, Access, Random], Awaitable[None]]
"""(stage, what the agent works through, random numbers): arranges the case at the moment when a fault would begin."""


@dataclass(frozen=True, slots=True)
class NoFault:
    """Something that looks odd or changes while users get what they always got."""

    name: str
    summary: str
    function: NoFaultFunction


NO_FAULTS: Registry[NoFault] = Registry("case without a fault", "aiops.bench.nofault")


def no_fault(function: NoFaultFunction) -> NoFaultFunction:
    """Register a case under its function's name."""
    NO_FAULTS.add(function.__name__, NoFault(function.__name__, summary_of(function), function))
    return function
