"""rate, increase, delta and their two-sample forms, for all windows at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import Vector, Windows, nameless_series, stacked
from aiops.lab.promql.windows import Span, previous, running
from aiops.lab.tsdb import Frame


def _with_resets(frame: Frame, span: Span, change: FloatArray) -> FloatArray:
    """Add what a counter lost by resets inside each window, one after the other, as Prometheus adds it."""
    if span.dense and not (frame.values[1:] < frame.values[:-1]).any():
        return change
    before, both = previous(frame)
    fell = both & (frame.values < before)
    if not fell.any():
        return change
    resets = running(fell)
    first, last = span.at(resets, span.first + 1), span.at(resets, span.last + 1)
    windows, series = np.nonzero(last > first)
    # what is lost at each reset, series by series in order of time; `place` is where a window's first one stands
    columns, rows = np.nonzero(fell.T)
    lost = before[rows, columns]
    place = columns.searchsorted(series) + first[windows, series]
    number = (last - first)[windows, series]
    added = change[windows, series]
    for nth in range(int(number.max(initial=0))):
        more = number > nth
        added[more] += lost[place[more] + nth]
    change[windows, series] = added
    return change


def _extrapolated(windows: Windows, frame: Frame, *, counter: bool, per_second: bool) -> Vector:
    """Prometheus' extrapolation (promql/functions.go, extrapolatedRate): the change between first and last sample is
    stretched to the window's ends, by at most half a sample interval where a sample is not near an end, and a counter
    never below zero."""
    span = Span(frame, windows)
    first, last = span.first_values(), span.last_values()
    change = last - first
    if counter:
        change = _with_resets(frame, span, change)
    first_at, last_at = span.times(span.first), span.times(span.last)
    sampled = (last_at - first_at) / 1000
    to_start = (first_at - windows.starts[:, None]) / 1000
    to_end = (windows.ends[:, None] - last_at) / 1000
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
        factor = factor / ((windows.ends - windows.starts)[:, None] / 1000)
    return span.vector(change * factor, needed=2)


def _last_two(windows: Windows, frame: Frame, *, counter: bool, per_second: bool) -> Vector:
    span = Span(frame, windows)
    before, _ = previous(frame)
    last, earlier = span.last_values(), span.at(before, span.last)
    change = last - earlier
    if counter:
        change = np.where(last < earlier, last, change)
    if per_second:
        times = np.broadcast_to(frame.times[:, None].astype(np.float64), frame.values.shape)
        times_before, _ = previous(Frame(frame.labels, frame.times, times, frame.present))
        change = change / ((span.at(times, span.last) - span.at(times_before, span.last)) / 1000)
    return span.vector(change, needed=2)


def _function(compute: Callable[..., Vector], *, counter: bool, per_second: bool) -> Callable[[Windows], Vector]:
    def apply(windows: Windows) -> Vector:
        parts = [compute(windows, frame, counter=counter, per_second=per_second) for frame in windows.frames]
        return nameless_series(stacked(parts, len(windows.starts)))

    return apply


RATES: dict[str, Callable[[Windows], Vector]] = {
    "rate": _function(_extrapolated, counter=True, per_second=True),
    "increase": _function(_extrapolated, counter=True, per_second=False),
    "delta": _function(_extrapolated, counter=False, per_second=False),
    "irate": _function(_last_two, counter=True, per_second=True),
    "idelta": _function(_last_two, counter=False, per_second=False),
}
