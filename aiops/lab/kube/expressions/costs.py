"""What an expression may cost: nobody can stop one that runs, so one that could run for long is not begun.

Kubernetes counts while it runs, to a million units an expression. Here the most that an expression can take is told by
its loops, how deep they stand in each other, and by the size of what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

MOST_STEPS = 4_000_000
"""Turns of the innermost loop and the like, for one expression; a million take about half a second."""

MOST_MADE = 64 * 2**20
"""Characters and items of everything that an expression makes on its way."""

QUICK, SLOW = 500, 5
"""Characters and items that a turn may look through before it counts as several: of itself, and by functions of lists,
which are Python's."""

_TO_BEGIN, _TO_HAND_OVER, _CHARACTERS = 50, 10, 1000
"""Steps that it takes to begin, to hand over an item of what is given, and so many characters."""

_TOKENS = re.compile(
    r"""(?P<text>"{3}.*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"|(?P<comment>//[^\n]*)"
    r"|\.\s*(?P<loop>all|exists|exists_one|existsOne|map|filter)\s*\("
    r"|(?P<slow>\b(?:sum|min|max|indexOf|lastIndexOf|isSorted|join|split)\b)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<plus>\+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How many loops stand in each other at the most; how often what is given may be in what is made (`growth`); the
    items of the lists that are written out; whether functions of lists are used."""

    depth: int
    growth: int
    items: int
    slow: bool


@dataclass(slots=True)
class _Part:
    """A bracket, a loop or the whole: `copies` of a value that its text can put together; what grows inside it and is
    passed on (`made`), or not (`passing`: most loops give true or false)."""

    kind: str
    loops: int
    copies: int = 1
    made: int = 1
    passing: int = 1

    @property
    def growth(self) -> int:
        return self.copies * self.made * self.passing


@lru_cache(maxsize=2048)
def shape_of(text: str) -> Shape:
    """The shape of an expression that compiles."""
    parts = [_Part("", 0)]
    depth = items = 0
    slow = False
    for token in _TOKENS.finditer(text):
        kind = token.lastgroup or ""
        here = parts[-1]
        if kind in ("loop", "open"):
            parts.append(_Part(token[kind], here.loops + (kind == "loop")))
            depth = max(depth, parts[-1].loops)
        elif kind == "close" and len(parts) > 1:
            _close(parts)
        elif kind == "plus" or (kind == "comma" and here.kind in ("[", "{")):
            here.copies += 1
        items += kind == "comma"
        slow |= kind == "slow"
    while len(parts) > 1:
        _close(parts)
    return Shape(depth, parts[0].growth, items + 1, slow)


def _close(parts: list[_Part]) -> None:
    inner = parts.pop()
    outer = parts[-1]
    if inner.kind in "([{":
        outer.copies += inner.copies - 1
        outer.made *= inner.made
        outer.passing = max(outer.passing, inner.passing)
    elif inner.kind == "map":
        outer.made *= inner.growth
    else:
        outer.passing = max(outer.passing, inner.growth)


class Size(NamedTuple):
    """The length of the longest list or map in some values, and how many items and characters there are in all."""

    longest: int
    items: int
    characters: int

    @property
    def weight(self) -> int:
        return self.items + self.characters


def steps_of(text: str, variables: Mapping[str, Any]) -> int:
    """The most steps that an expression can take with these values; more than `MOST_STEPS` where it cannot be run to
    its end, or makes too much on its way."""
    shape = shape_of(text)
    size = measured(variables.values(), texts=shape.slow)
    handed = _TO_BEGIN + _TO_HAND_OVER * size.items + size.characters // _CHARACTERS
    if shape.depth == 0 and shape.growth == 1:
        return min(handed, MOST_STEPS)  # no loop, no sum: it takes as long as its text
    longest, weight = max(size.longest, shape.items), size.weight + len(text)
    turns: int = longest**shape.depth * max(1, weight // (SLOW if shape.slow else QUICK))
    if turns > MOST_STEPS or weight * shape.growth > MOST_MADE:
        return MOST_STEPS + 1
    return min(handed + turns, MOST_STEPS)


def measured(values: Iterable[Any], *, texts: bool = False) -> Size:
    """The size of some values; `texts`: a text counts as a list of its characters."""
    longest = items = characters = 0
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, str):
            characters += len(value)
            longest = max(longest, len(value)) if texts else longest
        elif isinstance(value, dict | list):
            items += len(value)
            longest = max(longest, len(value))
            left.extend(value.values() if isinstance(value, dict) else value)
    return Size(longest, items, characters)
