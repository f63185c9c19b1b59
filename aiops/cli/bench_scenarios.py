"""Which scenarios `aiops bench` is asked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiops.core.errors import InvalidInputError
from aiops.core.text import cut

if TYPE_CHECKING:
    from aiops.bench.scenario import Scenario

MOST_SEEDS = 1000
MOST_DIGITS = 18
SEEDS = re.compile(rf"([0-9]{{1,{MOST_DIGITS}}})(?:\.\.([0-9]{{1,{MOST_DIGITS}}}))?")


def parse_seeds(text: str) -> list[int]:
    """`3`, `0..4` or `1,5,9`, each seed once. Raises `InvalidInputError`."""
    seeds: dict[int, None] = {}
    for part in text.split(","):
        found = SEEDS.fullmatch(part.strip())
        if found is None:
            said = cut(part, MOST_DIGITS)
            raise InvalidInputError(f"--seeds: {said!r} is neither a number of up to {MOST_DIGITS} digits nor a range")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first or last - first >= MOST_SEEDS:
            raise InvalidInputError(f"--seeds: {part!r} must run upwards, over at most {MOST_SEEDS} seeds")
        seeds.update(dict.fromkeys(range(first, last + 1)))
        if len(seeds) > MOST_SEEDS:
            raise InvalidInputError(f"--seeds: more than {MOST_SEEDS} seeds in all")
    return list(seeds)


def chosen(
    suite: str, application: str | None, seeds: str, only: list[str] | None, *, held_out: bool
) -> list[Scenario]:
    """The scenarios of a suite, or those of them that `only` names. Raises `InvalidInputError`, `UnknownNameError`."""
    from aiops.bench.suites.registry import check_held_out, scenarios_of
    from aiops.core.errors import UnknownNameError

    numbers = parse_seeds(seeds)
    check_held_out(numbers, allowed=held_out)
    scenarios = scenarios_of(suite, numbers, application)
    cases = {scenario.case for scenario in scenarios}
    for name in only or ():
        if name not in cases:
            raise UnknownNameError("case", name, cases)
    return [scenario for scenario in scenarios if not only or scenario.case in only]
