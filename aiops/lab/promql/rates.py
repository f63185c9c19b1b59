"""rate, increase, delta and their two-sample forms, for all windows at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import IntArray, Vector, Windows, nameless_series, stacked, stacked_labels
from aiops.lab.promql.windows import Span, abreast, alike, previous, running
from aiops.lab.tsdb import Frame, LabelSets


@dataclass(frozen=True, slots=True)
class _Form:
    """`counter`: of what only rises but for resets. `extrapolated`: from the first to the last sample of a window;
    otherwise of its last two."""

    counter: bool
    per_second: bool
    extrapolated: bool = True


def _with_resets(frame: Frame, span: Span, change: FloatArray) -> FloatArray:
    """Add what a counter lost by resets inside each window, one after the other, as Prometheus adds it."""
    if span.without_gaps and not np.count_nonzero(frame.values[1:] < frame.values[:-1]):
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


@dataclass(frozen=True, slots=True)
class _Ends:
    """Of each window and series: the first value, the change up to the last one, when both are (ms), and the number of
    samples; (windows, series), or what extends to it."""

    first: FloatArray
    change: FloatArray
    first_at: IntArray
    last_at: IntArray
    count: IntArray


def _ends(windows: Windows, frame: Frame, form: _Form) -> _Ends:
    span = Span(frame, windows)
    return _ends_of(span, frame, form, span.times(span.first), span.times(span.last))


def _ends_abreast(windows: Windows, form: _Form) -> _Ends:
    """Those of one window of all frames, which have as many rows each."""
    frames, whole = windows.frames, abreast(windows.frames)
    span = Span(whole, windows)
    times = np.stack([frame.times for frame in frames], axis=1)
    own = np.repeat(np.arange(len(frames)), [len(frame.labels) for frame in frames])
    first_at, last_at = (times[rows.reshape(1, -1), own] for rows in (span.first, span.last))
    return _ends_of(span, whole, form, first_at, last_at)


def _ends_of(span: Span, frame: Frame, form: _Form, first_at: IntArray, last_at: IntArray) -> _Ends:
    first = span.first_values()
    change = span.last_values() - first
    if form.counter:
        change = _with_resets(frame, span, change)
    return _Ends(first, change, first_at, last_at, span.count)


def _extrapolated(windows: Windows, ends: _Ends, form: _Form) -> FloatArray:
    """Prometheus' extrapolation (promql/functions.go, extrapolatedRate): the change between first and last sample is
    stretched to the window's ends, by at most half a sample interval where a sample is not near an end, and a counter
    never below zero."""
    sampled = (ends.last_at - ends.first_at) / 1000
    to_start = (ends.first_at - windows.starts[:, None]) / 1000
    to_end = (windows.ends[:, None] - ends.last_at) / 1000
    interval = sampled / (ends.count - 1)
    if form.counter:
        to_zero = sampled * (ends.first / ends.change)
        nearer = (ends.change > 0) & (ends.first >= 0) & (to_zero < to_start)
        to_start = np.where(nearer, to_zero, to_start)
    threshold = interval * 1.1
    stretched = (
        sampled
        + np.where(to_start < threshold, to_start, interval / 2)
        + np.where(to_end < threshold, to_end, interval / 2)
    )
    factor = stretched / sampled
    if form.per_second:
        factor = factor / ((windows.ends - windows.starts)[:, None] / 1000)
    return ends.change * factor


def _last_two(windows: Windows, frame: Frame, form: _Form) -> Vector:
    span = Span(frame, windows)
    before, _ = previous(frame)
    last, earlier = span.last_values(), span.at(before, span.last)
    change = last - earlier
    if form.counter:
        change = np.where(last < earlier, last, change)
    if form.per_second:
        times = np.broadcast_to(frame.times[:, None].astype(np.float64), frame.values.shape)
        times_before, _ = previous(Frame(frame.labels, frame.times, times, frame.present))
        change = change / ((span.at(times, span.last) - span.at(times_before, span.last)) / 1000)
    return span.vector(change, needed=2)


def rate(name: str, windows: Windows) -> Vector:
    """Apply a function of the table to every window."""
    return nameless_series(rate_as_named(name, windows))


def rate_as_named(name: str, windows: Windows) -> Vector:
    """The same under the labels of the samples: the series of all frames, in order."""
    form, frames, steps = RATES[name], windows.frames, len(windows.starts)
    if not form.extrapolated:
        return stacked([_last_two(windows, frame, form) for frame in frames], steps)
    if steps == 1 and len(frames) > 1 and alike(frames):
        ends = _ends_abreast(windows, form)
        return _vector(windows, stacked_labels([frame.labels for frame in frames]), ends, form)
    parts = [_vector(windows, frame.labels, _ends(windows, frame, form), form) for frame in frames]
    return stacked(parts, steps)


def _vector(windows: Windows, labels: LabelSets, ends: _Ends, form: _Form) -> Vector:
    values = _extrapolated(windows, ends, form)
    present = np.empty(values.shape[::-1], dtype=bool)
    present[:] = (ends.count >= 2).T
    return Vector(labels, np.ascontiguousarray(values.T), present)


RATES: dict[str, _Form] = {
    "rate": _Form(counter=True, per_second=True),
    "increase": _Form(counter=True, per_second=False),
    "delta": _Form(counter=False, per_second=False),
    "irate": _Form(counter=True, per_second=True, extrapolated=False),
    "idelta": _Form(counter=False, per_second=False, extrapolated=False),
}
