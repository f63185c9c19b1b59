"""Runs queries: at one moment, or at regular steps over a range."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace

import numpy as np

from aiops.core.telemetry import Series
from aiops.lab.promql import tree
from aiops.lab.promql.evaluation import Evaluation
from aiops.lab.promql.parsing import parse
from aiops.lab.promql.prefetch import Prefetch, numbers_in, prefetching, same, steps_at
from aiops.lab.promql.results import InstantVector, Matrix, Result, ScalarResult, StringResult
from aiops.lab.promql.selectors import Moments
from aiops.lab.promql.values import ALONE, IntArray, ParseError, PromqlError, Scalar, Text, Value, Vector, Windows
from aiops.lab.tsdb import TimeSeriesStore
from aiops.lab.tsdb.store import milliseconds

MAX_POINTS = 11_000


class Engine:
    """PromQL over one store. `lookback`: seconds for which a sample counts as current; `default_step`: seconds
    between the steps of a subquery that names none (Prometheus' global evaluation interval)."""

    def __init__(self, store: TimeSeriesStore, lookback: float = 300.0, default_step: float = 60.0) -> None:
        self._store = store
        self._lookback = milliseconds(lookback)
        self._default_step = milliseconds(default_step)

    def instant(self, query: str, time: float) -> Result:
        """Evaluate at one moment (unix seconds). Raises `PromqlError`."""
        moment = milliseconds(time)
        return _at_one_moment(self._evaluate(parse(query), steps_at(moment), Moments(moment, moment)), moment)

    def prepare(self, queries: Sequence[str], apart: Container[str]) -> list[Prepared]:
        """Queries that are asked again and again, all of them at one moment and then at a later one. `apart`: metrics
        that get samples between two of them at one moment. Raises `ParseError`."""
        together = Prefetch(self._store, self._lookback)
        return [Prepared(self, together, prefetching(parse(query), together, apart)) for query in queries]

    def evaluate_prepared(self, node: tree.Node, together: Prefetch, time: float) -> Result:
        """Evaluate a query that has been prepared at a moment (unix seconds). Raises `PromqlError`."""
        moment = milliseconds(time)
        together.move(moment)
        return _at_one_moment(self._evaluate(node, steps_at(moment), Moments(moment, moment), together), moment)

    def range(self, query: str, start: float, end: float, step: float) -> Matrix:
        """Evaluate at `start`, `start + step`, ... up to `end` (unix seconds). Raises `PromqlError`."""
        first, last, width = milliseconds(start), milliseconds(end), milliseconds(step)
        if width <= 0:
            raise ParseError("zero or negative query resolution step widths are not accepted. Try a positive integer")
        if last < first:
            raise ParseError("end timestamp must not be before start time")
        if (last - first) // width > MAX_POINTS:
            raise ParseError(
                f"exceeded maximum resolution of {MAX_POINTS:,} points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        steps = np.arange(first, last + 1, width, dtype=np.int64)
        node = parse(query)
        if isinstance(node, tree.String | tree.RangeSelector | tree.Subquery):
            kind = "string" if isinstance(node, tree.String) else "range vector"
            raise ParseError(f'invalid expression type "{kind}" for range query, must be Scalar or instant Vector')
        value = self._evaluate(node, steps, Moments(first, last))
        if isinstance(value, Scalar):
            value = Vector(ALONE, value.values[None, :], np.ones((1, len(steps)), dtype=bool))
        assert isinstance(value, Vector)
        return Matrix(_points(value, steps))

    def _evaluate(
        self,
        node: tree.Node,
        steps: IntArray,
        moments: Moments,
        together: Prefetch | None = None,
    ) -> Value:
        evaluation = Evaluation(
            self._store,
            steps,
            moments,
            lookback=self._lookback,
            default_step=self._default_step,
            together=together,
        )
        with np.errstate(all="ignore"):
            try:
                return evaluation.evaluate(node)
            except RecursionError as error:
                raise PromqlError("query is nested too deeply") from error


class Prepared:
    """One of several queries that are asked together. What rests on nothing that has changed is not computed again."""

    def __init__(self, engine: Engine, together: Prefetch, node: tree.Node) -> None:
        self._engine = engine
        self._together = together
        self._node = node
        self._numbers = numbers_in(node)
        self._last: tuple[list[Vector], InstantVector] | None = None

    def instant(self, time: float) -> Result:
        """As `Engine.instant`. Raises `PromqlError`."""
        if self._numbers is None:
            return self._engine.evaluate_prepared(self._node, self._together, time)
        moment = milliseconds(time)
        self._together.move(moment)
        given = self._together.given(self._numbers)
        if self._last is not None and same(given, self._last[0]):
            return replace(self._last[1], time=moment / 1000)
        result = self._engine.evaluate_prepared(self._node, self._together, time)
        self._last = (given, result) if isinstance(result, InstantVector) else None
        return result


def _at_one_moment(value: Value, moment: int) -> Result:
    if isinstance(value, Scalar):
        return ScalarResult(moment / 1000, float(value.values[0]))
    if isinstance(value, Text):
        return StringResult(moment / 1000, value.value)
    if isinstance(value, Windows):
        return Matrix(_raw(value))
    (here,) = value.present[:, 0].nonzero()
    values = value.values[here, 0].tolist()
    found = [(value.labels[row], number) for row, number in zip(here.tolist(), values, strict=True)]
    return InstantVector(moment / 1000, found)


def _raw(windows: Windows) -> list[Series]:
    """The samples of a range vector at its first step, sorted by labels."""
    start, end = int(windows.starts[0]), int(windows.ends[0])
    series = []
    for frame in windows.frames:
        inside = (frame.times >= start) & (frame.times <= end)
        for column, labels in enumerate(frame.labels):
            here = frame.present[:, column] & inside
            if here.any():
                series.append((labels, frame.times[here] / 1000, frame.values[here, column]))
    return [Series(dict(labels), times, values) for labels, times, values in sorted(series, key=lambda one: one[0])]


def _points(vector: Vector, steps: IntArray) -> list[Series]:
    found = []
    times = steps / 1000
    for row in sorted(range(len(vector.labels)), key=vector.labels.__getitem__):
        here = vector.present[row]
        if here.all():
            found.append(Series(dict(vector.labels[row]), times, vector.values[row]))
        elif here.any():
            found.append(Series(dict(vector.labels[row]), times[here], vector.values[row, here]))
    return found
