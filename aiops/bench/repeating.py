"""Whether a scenario gives the same line again: in another order, among others, on another number of workers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from aiops.bench.line import Line
from aiops.bench.scenario import Scenario

NEVER_EQUAL = ("wall_seconds",)
"""Fields of a line that tell of the machine."""


def backwards(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The other way round; those of one world are still next to each other."""
    worlds = [list(group) for _, group in groupby(scenarios, key=lambda one: one.world)]
    return [scenario for world in reversed(worlds) for scenario in reversed(world)]


def unequal(first: Sequence[Line], second: Sequence[Line]) -> dict[str, list[str]]:
    """The fields in which the lines of a scenario differ, by its id; all of them where one run lacks it."""
    known = {str(line["scenario"]): line for line in second}
    found = {}
    for line in first:
        other = known.pop(str(line["scenario"]), {})
        fields = sorted(line.keys() | other.keys())
        differing = [each for each in fields if each not in NEVER_EQUAL and line.get(each) != other.get(each)]
        if differing:
            found[str(line["scenario"])] = differing
    return found | {name: sorted(line) for name, line in known.items()}
