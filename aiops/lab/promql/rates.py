"""rate, increase, delta and their two-sample forms, for all windows at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import BoolArray, Frame, IntArray, Vector, Windows, nameless, stacked


@dataclass(frozen=True, slots=True)
class _Span:
    """For each series and window: index of the first and last sample (valid where `count` > 0) and their number."""

    first: IntArray
    last: IntArray
    count: IntArray


def _span(frame: Frame, windows: Windows) -> _Span:
    size = len(frame.times)
    low = np.searchsorted(frame.times, windows.starts, "left")
    high = np.searchsorted(frame.times, windows.ends, "right")
    index = np.arange(size)
    following = np.minimum.accumulate(np.where(frame.present, index, size - 1)[:, ::-1], axis=1)[:, ::-1]
    preceding = np.maximum.accumulate(np.where(frame.present, index, 0), axis=1)
    seen = _running(frame.present.astype(np.float64)).astype(np.int64)
    return _Span(
        following[:, np.minimum(low, size - 1)],
        preceding[:, np.maximum(high - 1, 0)],
        np.maximum(seen[:, high] - seen[:, np.minimum(low, high)], 0),
    )


def _running(values: FloatArray) -> FloatArray:
    """Sums of the first 0, 1, ... n columns."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _at(values: FloatArray, index: IntArray) -> FloatArray:
    found: FloatArray = values[np.arange(len(values))[:, None], index]  # half the time of take_along_axis
    return found


def _previous(frame: Frame) -> tuple[IntArray, BoolArray]:
    """Index of the sample before each column, and whether there is one."""
    index = np.arange(len(frame.times))
    preceding = np.maximum.accumulate(np.where(frame.present, index, -1), axis=1)
    shifted = np.concatenate([np.full((len(preceding), 1), -1), preceding[:, :-1]], axis=1)
    return np.maximum(shifted, 0), shifted >= 0


def _resets(frame: Frame) -> FloatArray:
    """Running sums of what counters lost by resets: (series, n + 1)."""
    index, exists = _previous(frame)
    before = _at(frame.values, index)
    lost = np.where(frame.present & exists & (frame.values < before), before, 0.0)
    return _running(lost)


def _extrapolated(windows: Windows, frame: Frame, *, counter: bool, per_second: bool) -> Vector:
    """Prometheus' extrapolation (promql/functions.go, extrapolatedRate): the change between first and last sample is
    stretched to the window's ends, by at most half a sample interval where a sample is not near an end, and a counter
    never below zero."""
    span = _span(frame, windows)
    first, last = _at(frame.values, span.first), _at(frame.values, span.last)
    change = last - first
    if counter:
        lost = _resets(frame)
        change = change + (_at(lost, span.last + 1) - _at(lost, span.first + 1))
    times = frame.times
    sampled = (times[span.last] - times[span.first]) / 1000
    to_start = (times[span.first] - windows.starts) / 1000
    to_end = (windows.ends - times[span.last]) / 1000
    interval = sampled / (span.count - 1)
    if counter:
        to_zero = sampled * (first / change)
        to_start = np.where((change > 0) & (first >= 0) & (to_zero < to_start), to_zero, to_start)
    threshold = interval * 1.1
    stretched = (
        sampled
        + np.where(to_start < threshold, to_start, interval / 2)
        + np.where(to_end < threshold, to_end, interval / 2)
    )
    factor = stretched / sampled
    if per_second:
        factor = factor / ((windows.ends - windows.starts) / 1000)
    return Vector(frame.labels, change * factor, span.count >= 2)


def _last_two(windows: Windows, frame: Frame, *, counter: bool, per_second: bool) -> Vector:
    span = _span(frame, windows)
    index, _ = _previous(frame)
    before = np.take_along_axis(index, span.last, axis=1)
    last, previous = _at(frame.values, span.last), _at(frame.values, before)
    change = last - previous
    if counter:
        change = np.where(last < previous, last, change)
    if per_second:
        change = change / ((frame.times[span.last] - frame.times[before]) / 1000)
    return Vector(frame.labels, change, span.count >= 2)


def _function(compute: Callable[..., Vector], *, counter: bool, per_second: bool) -> Callable[[Windows], Vector]:
    def apply(windows: Windows) -> Vector:
        parts = [compute(windows, frame, counter=counter, per_second=per_second) for frame in windows.frames]
        return nameless(stacked([_nonempty(part) for part in parts], len(windows.starts)))

    return apply


def _nonempty(vector: Vector) -> Vector:
    rows = np.flatnonzero(vector.present.any(axis=1))
    return Vector([vector.labels[row] for row in rows], vector.values[rows], vector.present[rows])


RATES: dict[str, Callable[[Windows], Vector]] = {
    "rate": _function(_extrapolated, counter=True, per_second=True),
    "increase": _function(_extrapolated, counter=True, per_second=False),
    "delta": _function(_extrapolated, counter=False, per_second=False),
    "irate": _function(_last_two, counter=True, per_second=True),
    "idelta": _function(_last_two, counter=False, per_second=False),
}
