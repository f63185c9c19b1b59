"""Reads the store for instant and range selectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.lab.promql.tree import RangeSelector, Selector, Shift
from aiops.lab.promql.values import IntArray, PromqlError, Vector, Windows, stacked
from aiops.lab.tsdb import Frame, TimeSeriesStore

MAX_SAMPLES = 50_000_000
"""Samples that one selector may load; Prometheus' default for a query."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Start and end of the whole query in milliseconds: what start() and end() mean."""

    start: int
    end: int

    def of(self, shift: Shift, steps: IntArray) -> IntArray:
        """The moments that a selector or subquery looks at, one a step."""
        if shift.at is None:
            return steps - shift.offset if shift.offset else steps
        moment = self.start if shift.at == "start" else self.end if shift.at == "end" else shift.at
        return np.full(len(steps), moment - shift.offset, dtype=np.int64)


def instant_selector(store: TimeSeriesStore, selector: Selector, moments: IntArray, lookback: int) -> Vector:
    """The newest sample at each moment, not older than `lookback` (ms). A series that has ended has none."""
    frames = _newest(store, selector, moments, lookback)
    parts = [Vector(frame.labels, np.ascontiguousarray(frame.values.T), frame.present.T) for frame in frames]
    return stacked(parts, len(moments))


def sample_times(store: TimeSeriesStore, selector: Selector, moments: IntArray, lookback: int) -> Vector:
    """The unix seconds of those samples, in their place."""
    parts = []
    for frame in _newest(store, selector, moments, lookback):
        times = np.broadcast_to(frame.times / 1000, (len(frame.labels), len(moments)))
        parts.append(Vector(frame.labels, times, frame.present.T))
    return stacked(parts, len(moments))


def range_selector(store: TimeSeriesStore, selector: RangeSelector, moments: IntArray) -> Windows:
    """The samples of the last `width` (ms) before each moment, both ends included."""
    starts = moments - selector.width
    frames = store.frames(selector.selector.matchers, int(starts.min()), int(moments.max()))
    for frame in frames:
        check_size(frame.values.size)
    return Windows(frames, starts, moments)


def _newest(store: TimeSeriesStore, selector: Selector, moments: IntArray, lookback: int) -> list[Frame]:
    """Of as many series as match now: their samples need not be loaded to see that they are too many."""
    if len(moments) > 1:
        check_size(len(moments) * len(store.find(selector.matchers).ids))
    return store.newest(selector.matchers, moments, lookback)


def check_size(samples: int) -> None:
    """Raise `PromqlError` where so many samples are too many."""
    if samples > MAX_SAMPLES:
        raise PromqlError("query processing would load too many samples into memory in query execution")
