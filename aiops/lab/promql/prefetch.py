"""Rules ask for many selectors at one moment: those of one kind are read, and their functions computed, together.

A selector of a rule gives a few dozen series, for which a call of numpy costs more than its arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql import tree
from aiops.lab.promql.over_time import OVER_TIME, over_time_as_named
from aiops.lab.promql.rates import RATES, rate_as_named
from aiops.lab.promql.selectors import check_size
from aiops.lab.promql.values import BoolArray, IntArray, Vector, Windows, nameless_series
from aiops.lab.tsdb import NAME, Frame, Matcher, TimeSeriesStore
from aiops.lab.tsdb.stale import STALE, is_sample

_BITS = np.int64

_FUNCTIONS = (OVER_TIME | set(RATES)) - {"holt_winters", "predict_linear", "quantile_over_time", "last_over_time"}
"""Functions of nothing but a range."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is computed alike: `function` ("": none, the newest samples) of a range of `width`, `offset` back; ms."""

    function: str
    width: int
    offset: int


class _Group:
    """The selections of one kind."""

    def __init__(self, store: TimeSeriesStore, kind: _Kind) -> None:
        self._store = store
        self._kind = kind
        self._searches: list[tuple[Matcher, ...]] = []
        self._batch = store.batch(self._searches)
        self._moment: int | None = None
        self._values: FloatArray = np.zeros(0)
        self._present: BoolArray = is_sample(self._values)
        self._vectors: dict[int, Vector] = {}

    def add(self, search: tuple[Matcher, ...]) -> int:
        if search not in self._searches:
            self._searches.append(search)
        return self._searches.index(search)

    def vector(self, number: int, moment: int, lookback: int) -> Vector:
        """The value of one selection at a moment (ms); the very same object as at the last one where it is the same.
        Raises `PromqlError`."""
        if self._moment != moment:
            self._move(moment, lookback)
        if number not in self._vectors:
            places = self._batch.places(number)
            found = Vector(self._batch.labels(number), self._values[places, None], self._present[places, None])
            self._vectors[number] = nameless_series(found) if self._kind.function else found
        return self._vectors[number]

    def _move(self, moment: int, lookback: int) -> None:
        vectors, before = self._vectors, self._values
        moved = self._batch.refresh()
        self._values = np.full(len(self._batch), STALE)
        if self._kind.function:
            with np.errstate(all="ignore"):
                self._compute(moment - self._kind.offset)
        else:
            self._take_newest(moment - self._kind.offset, lookback)
        self._moment = moment
        self._present = is_sample(self._values)
        self._vectors = {}
        if not moved:
            differs = self._values.view(_BITS) != before.view(_BITS)
            kept = [n for n in vectors if not np.count_nonzero(differs[self._batch.places(n)])]
            self._vectors = {number: vectors[number] for number in kept}

    def _take_newest(self, moment: int, lookback: int) -> None:
        moments = steps_at(moment)
        for share in self._batch.shares:
            scraped, near = share.table.newest(moments, lookback)
            if near[0]:
                check_size(len(share.columns))
                self._values[share.places] = share.table.at(share.columns, scraped)[0]

    def _compute(self, moment: int) -> None:
        function, steps = self._kind.function, steps_at(moment)
        frames, places = [], []
        for share in self._batch.shares:
            times, values = share.table.window(share.columns, moment - self._kind.width, moment)
            if len(times):
                check_size(values.size)
                frames.append(Frame(share.nameless, times, values, is_sample(values)))
                places.append(share.places)
        if not frames:
            return
        windows = Windows(frames, steps - self._kind.width, steps)
        if function in RATES:
            found = rate_as_named(function, windows)
        else:
            found = over_time_as_named(function, windows, steps, [])
        self._values[np.concatenate(places)] = np.where(found.present[:, 0], found.values[:, 0], STALE)


class Prefetch:
    """The values of all that expressions have left to it, at one moment after the other."""

    def __init__(self, store: TimeSeriesStore, lookback: int) -> None:
        self._store = store
        self._lookback = lookback
        self._groups: dict[_Kind, _Group] = {}
        self._members: list[tuple[_Group, int]] = []
        self._shared: dict[tree.Node, int] = {}
        self._kept: list[tuple[list[Vector], Vector] | None] = []
        self._moment = 0

    def move(self, moment: int) -> None:
        """Whatever is asked from now on is meant at this moment (ms)."""
        self._moment = moment

    def vector(self, number: int) -> Vector:
        """What has been left under this number. Raises `PromqlError`."""
        group, member = self._members[number]
        return group.vector(member, self._moment, self._lookback)

    def given(self, numbers: Sequence[int]) -> list[Vector]:
        """What has been left under these numbers. Raises `PromqlError`."""
        return [self.vector(number) for number in numbers]

    def shared(self, node: tree.Shared, evaluate: Callable[[tree.Node], Vector]) -> Vector:
        """The value of an expression, kept as long as what it rests on is the same. Raises `PromqlError`."""
        given = self.given(node.numbers)
        kept = self._kept[node.number]
        if kept is None or not same(given, kept[0]):
            kept = self._kept[node.number] = (given, evaluate(node.expr))
        return kept[1]

    def share(self, node: tree.Node) -> tree.Node:
        """Stands for the expression, if that rests on nothing but what has been left here."""
        numbers = numbers_in(node)
        if not numbers:
            return node
        number = self._shared.setdefault(node, len(self._shared))
        if number == len(self._kept):
            self._kept.append(None)
        return tree.Shared(number, tuple(numbers), node)

    def add(self, function: str, width: int, selector: tree.Selector) -> tree.Prefetched:
        kind = _Kind(function, width, selector.shift.offset)
        group = self._groups.setdefault(kind, _Group(self._store, kind))
        self._members.append((group, group.add(selector.matchers)))
        return tree.Prefetched(len(self._members) - 1)


def steps_at(moment: int) -> IntArray:
    """One step."""
    return np.array([moment], dtype=np.int64)


def prefetching(node: tree.Node, together: Prefetch, apart: Container[str]) -> tree.Node:
    """The expression with what can be found together left to the prefetch. What other metrics than those `apart` give
    at one moment must not change any more once it has been asked for."""
    match node:
        case tree.Selector() if _settled(node, apart):
            return together.add("", 0, node)
        case tree.Call(function, (tree.RangeSelector(selector, width),)) if function in _FUNCTIONS and _settled(
            selector, apart
        ):
            return together.add(function, width, selector)
        case tree.Call("timestamp", _):
            return node
        case tree.Call(_, arguments):
            return replace(node, arguments=tuple(prefetching(each, together, apart) for each in arguments))
        case tree.Binary(_, left, right):
            first = prefetching(left, together, apart)
            return replace(node, left=first, right=prefetching(right, together, apart))
        case tree.Aggregation(_, expr, _):
            return together.share(replace(node, expr=prefetching(expr, together, apart)))
        case tree.Negation(expr):
            return replace(node, expr=prefetching(expr, together, apart))
        case _:
            return node


def same(given: Sequence[Vector], before: Sequence[Vector]) -> bool:
    """Whether they are the very same."""
    return all(a is b for a, b in zip(given, before, strict=True))


def numbers_in(node: tree.Node) -> list[int] | None:
    """Of all that an expression leaves to the prefetch; None where its value rests on anything else that moves."""
    match node:
        case tree.Prefetched(number):
            return [number]
        case tree.Shared(_, numbers):
            return list(numbers)
        case tree.Number() | tree.String():
            return []
        case tree.Binary(_, left, right):
            parts = [numbers_in(left), numbers_in(right)]
        case tree.Aggregation(_, expr, param):
            parts = [numbers_in(expr), [] if param is None else numbers_in(param)]
        case tree.Negation(expr) | tree.Absent(expr):
            parts = [numbers_in(expr)]
        case tree.Call(function, (_, *_) as arguments) if function != "timestamp":
            parts = [numbers_in(each) for each in arguments]
        case _:
            return None
    known = [part for part in parts if part is not None]
    return [number for part in known for number in part] if len(known) == len(parts) else None


def _settled(selector: tree.Selector, apart: Container[str]) -> bool:
    """Whether the selector looks at the moment itself, or a fixed time before, and at one metric that is not apart."""
    names = [m.value for m in selector.matchers if m.name == NAME and m.op == "="]
    return selector.shift.at is None and len(names) == 1 and names[0] not in apart
