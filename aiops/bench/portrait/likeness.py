"""How alike kinds of faults are: by what is seen of them, and by what mends them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from aiops.core.model import Value


class Portrait(Value):
    """`symptoms` are what is seen after the onset and was not before; `fix` are the fields that the reference fix
    writes, or that a person has to be told."""

    case: str
    symptoms: frozenset[str]
    fix: frozenset[str]


class Likeness(NamedTuple):
    """How alike two kinds are, from 0 to 1: what they share of all that either has."""

    one: str
    other: str
    symptoms: float
    fix: float

    @property
    def least(self) -> float:
        """Two kinds are one where they share both."""
        return min(self.symptoms, self.fix)


def likenesses(portraits: Sequence[Portrait]) -> list[Likeness]:
    """All pairs, the nearest first."""
    found = [
        Likeness(one.case, other.case, _share(one.symptoms, other.symptoms), _share(one.fix, other.fix))
        for one, other in combinations(sorted(portraits, key=lambda each: each.case), 2)
    ]
    return sorted(found, key=lambda pair: (-pair.least, -pair.symptoms, pair.one, pair.other))


def as_markdown(portraits: Sequence[Portrait], pairs: int) -> str:
    """So many of the nearest pairs, one row each, with what is seen of one and not of the other."""
    seen = {each.case: each.symptoms for each in portraits}
    rows = [
        f"| {pair.one} | {pair.other} | {pair.symptoms:.2f} | {pair.fix:.2f}"
        f" | {_apart(seen[pair.one], seen[pair.other])} | {_apart(seen[pair.other], seen[pair.one])} |"
        for pair in likenesses(portraits)[:pairs]
    ]
    head = ["| one | other | symptoms | fix | only of one | only of the other |", "|---|---|--:|--:|---|---|"]
    return "\n".join([*head, *rows])


def _apart(one: frozenset[str], other: frozenset[str]) -> str:
    return "; ".join(sorted(one - other)).replace("|", "\\|") or "-"


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0
