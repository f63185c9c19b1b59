"""Runs queries: at one moment, or at regular steps over a range."""

from __future__ import annotations

import math

import numpy as np

from aiops.core.telemetry import Series
from aiops.lab.promql.evaluation import Evaluation
from aiops.lab.promql.parsing import parse
from aiops.lab.promql.results import InstantVector, Matrix, Result, ScalarResult, StringResult
from aiops.lab.promql.values import Frame, ParseError, PromqlError, Scalar, Text, Vector, Windows
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
        value = self._evaluate(query, np.array([moment], dtype=np.int64))
        if isinstance(value, Scalar):
            return ScalarResult(moment / 1000, float(value.values[0]))
        if isinstance(value, Text):
            return StringResult(moment / 1000, value.value)
        if isinstance(value, Windows):
            return Matrix(_raw(value))
        here = [row for row in range(len(value.labels)) if value.present[row, 0]]
        return InstantVector(moment / 1000, [(value.labels[row], float(value.values[row, 0])) for row in here])

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
        value = self._evaluate(query, steps)
        if isinstance(value, Scalar):
            value = Vector([()], value.values[None, :], np.ones((1, len(steps)), dtype=bool))
        if not isinstance(value, Vector):
            kind = "string" if isinstance(value, Text) else "range vector"
            raise ParseError(f'invalid expression type "{kind}" for range query, must be Scalar or instant Vector')
        return Matrix(_points(Frame(value.labels, steps, value.values, value.present), 0, math.inf))

    def _evaluate(
        self, query: str, steps: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> Scalar | Text | Vector | Windows:
        evaluation = Evaluation(self._store, steps, self._lookback, self._default_step)
        with np.errstate(all="ignore"):
            try:
                return evaluation.evaluate(parse(query))
            except RecursionError as error:
                raise PromqlError("query is nested too deeply") from error


def _raw(windows: Windows) -> list[Series]:
    """The samples of a range vector at its first step."""
    start, end = int(windows.starts[0]), int(windows.ends[0])
    series = [found for frame in windows.frames for found in _points(frame, start, end)]
    return sorted(series, key=lambda one: sorted(one.labels.items()))


def _points(frame: Frame, start: float, end: float) -> list[Series]:
    inside = (frame.times >= start) & (frame.times <= end)
    found = []
    for row in sorted(range(len(frame.labels)), key=lambda index: frame.labels[index]):
        here = frame.present[row] & inside
        if here.any():
            found.append(Series(dict(frame.labels[row]), frame.times[here] / 1000, frame.values[row, here]))
    return found
