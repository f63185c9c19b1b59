"""Reads the store for instant and range selectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import promql_parser as ast

from aiops.lab.promql.values import Frame, IntArray, PromqlError, Value, Vector, Windows, stacked
from aiops.lab.tsdb import NAME, Matcher, TimeSeriesStore
from aiops.lab.tsdb.matcher import Op

MAX_SAMPLES = 50_000_000
"""Samples that one selector may load; Prometheus' default for a query."""

_OPS: tuple[tuple[Any, Op], ...] = (
    (ast.MatchOp.Equal, "="),
    (ast.MatchOp.NotEqual, "!="),
    (ast.MatchOp.Re, "=~"),
    (ast.MatchOp.NotRe, "!~"),
)


@dataclass(frozen=True, slots=True)
class Moments:
    """First and last step of the whole query in milliseconds: what start() and end() mean."""

    start: int
    end: int

    def of(self, node: Any, steps: IntArray) -> IntArray:
        """The moments that a selector or subquery looks at, one a step: `@` fixes them, `offset` shifts them."""
        offset = 0 if node.offset is None else round(node.offset.total_seconds() * 1000)
        if node.at is None:
            return steps - offset
        if node.at.type == ast.AtModifierType.Start:
            moment = self.start
        elif node.at.type == ast.AtModifierType.End:
            moment = self.end
        else:
            moment = round(node.at.at.timestamp() * 1000)
        return np.full(len(steps), moment - offset, dtype=np.int64)


def matchers_of(selector: Any) -> tuple[Matcher, ...]:
    """The conditions of a selector. Raises `PromqlError` for Prometheus' later `or` between them."""
    if selector.matchers.or_matchers:
        raise PromqlError("'or' between label matchers is not supported")
    named = (Matcher(NAME, "=", selector.name),) if selector.name else ()
    return named + tuple(
        Matcher(matcher.name, op, matcher.value)
        for matcher in selector.matchers.matchers
        for kind, op in _OPS
        if matcher.op == kind
    )


def instant_selector(store: TimeSeriesStore, selector: Any, moments: IntArray, lookback: int) -> Value:
    """The newest sample at each moment, not older than `lookback` (ms). A series that has ended has none."""
    parts = []
    for frame in store.frames(matchers_of(selector), int(moments.min()) - lookback, int(moments.max())):
        _check_size(len(frame.labels) * max(len(moments), len(frame.times)))
        newest = np.searchsorted(frame.times, moments, "right") - 1
        times = frame.times[newest]
        current = (newest >= 0) & (times >= moments - lookback)
        values = frame.values[:, newest]
        present = ~np.isnan(values) & current
        sampled = np.broadcast_to(times / 1000, values.shape)
        rows = np.flatnonzero(present.any(axis=1))
        labels = [frame.labels[row] for row in rows]
        parts.append(Vector(labels, values[rows], present[rows], sampled[rows]))
    return stacked(parts, len(moments))


def range_selector(store: TimeSeriesStore, selector: Any, moments: IntArray, width: int) -> Value:
    """The samples of the last `width` (ms) before each moment, both ends included."""
    starts = moments - width
    frames = []
    for frame in store.frames(matchers_of(selector), int(starts.min()), int(moments.max())):
        _check_size(frame.values.size)
        frames.append(Frame(frame.labels, frame.times, frame.values, ~np.isnan(frame.values)))
    return Windows(frames, starts, moments)


def _check_size(samples: int) -> None:
    if samples > MAX_SAMPLES:
        raise PromqlError("query processing would load too many samples into memory in query execution")
