"""Functions of the samples inside a window, series by series: `avg_over_time`, `changes`, `deriv`, ..."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.folds import FOLDS, Params
from aiops.lab.promql.quantiles import column_quantile
from aiops.lab.promql.values import (
    BoolArray,
    IntArray,
    QueryTimeoutError,
    Vector,
    Windows,
    nameless_series,
    shown,
    stacked,
)
from aiops.lab.promql.windows import Span, abreast, alike, previous, running
from aiops.lab.tsdb import Frame, LabelSets

CACHED = 32_768
"""Results that a fold works on at a time, so that they stay in the processor's cache."""

MAX_WALKED = 200_000_000
"""Samples that a function may take one after the other, counted anew for each window: seconds of work."""

Reducer = Callable[[Frame, Span, Params], FloatArray]
"""(frame, its windows, scalar arguments) -> (windows, series)."""


def over_time(name: str, windows: Windows, steps: IntArray, params: Params) -> Vector:
    """Apply a function of the tables to every window. Only `last_over_time` keeps the metric's name."""
    result = over_time_as_named(name, windows, steps, params)
    return shown(result) if name == "last_over_time" else nameless_series(result)


def over_time_as_named(name: str, windows: Windows, steps: IntArray, params: Params) -> Vector:
    """The same under the labels of the samples: the series of all frames, in order."""
    frames = windows.frames
    if len(steps) > 1 and name in _WALKING and windows.samples() > MAX_WALKED:
        raise QueryTimeoutError("query timed out in expression evaluation")
    if len(steps) == 1 and len(frames) > 1 and name not in _TIMED and alike(frames):
        frames = [abreast(frames)]
    return stacked([_of_frame(name, frame, windows, steps, params) for frame in frames], len(steps))


def _of_frame(name: str, frame: Frame, windows: Windows, steps: IntArray, params: Params) -> Vector:
    span = Span(frame, windows)
    if name not in FOLDS:
        return span.vector(_REDUCERS[name](frame, span, params), needed=1)
    fold, needed = FOLDS[name]
    width = max(1, CACHED // len(steps))
    if span.series <= width:
        return span.vector(fold(span, steps, params), needed)
    pieces = [slice(start, start + width) for start in range(0, span.series, width)]
    values = [fold(Span(_piece(frame, some), windows), steps, params) for some in pieces]
    return span.vector(np.concatenate(values, axis=1), needed)


def _piece(frame: Frame, some: slice) -> Frame:
    return Frame(LabelSets(frame.labels[some]), frame.times, frame.values[:, some], frame.present[:, some])


def _window_by_window(reduce: Callable[[FloatArray], FloatArray], frame: Frame, span: Span) -> FloatArray:
    """`reduce` (samples, series) -> (series,); what is no sample is NaN."""
    values = frame.values if span.dense else np.where(frame.present, frame.values, np.nan)
    results = np.full((len(span.low), span.series), np.nan)
    for row, (low, high) in enumerate(zip(span.low.tolist(), span.high.tolist(), strict=True)):
        if low < high:
            results[row] = reduce(values[low:high])
    return results


def _min(frame: Frame, span: Span, _params: Params) -> FloatArray:
    return _window_by_window(lambda values: np.fmin.reduce(values, axis=0), frame, span)


def _max(frame: Frame, span: Span, _params: Params) -> FloatArray:
    return _window_by_window(lambda values: np.fmax.reduce(values, axis=0), frame, span)


def _count(_frame: Frame, span: Span, _params: Params) -> FloatArray:
    return np.broadcast_to(span.count.astype(np.float64), (len(span.low), span.series))


def _present(_frame: Frame, span: Span, _params: Params) -> FloatArray:
    return np.ones((len(span.low), span.series))


def _last(_frame: Frame, span: Span, _params: Params) -> FloatArray:
    return span.last_values()


def _quantile(frame: Frame, span: Span, params: Params) -> FloatArray:
    results = np.full((len(span.low), span.series), np.nan)
    for row, (low, high) in enumerate(zip(span.low.tolist(), span.high.tolist(), strict=True)):
        if low < high:
            q = np.full(span.series, params[0][row])
            results[row] = column_quantile(q, frame.values[low:high], frame.present[low:high])
    return results


def _events(marks: BoolArray, span: Span) -> FloatArray:
    """How many samples of a window are marked, but for its first one."""
    seen = running(marks)
    return (span.at(seen, span.last + 1) - span.at(seen, span.first + 1)).astype(np.float64)


def _changes(frame: Frame, span: Span, _params: Params) -> FloatArray:
    if span.unmoved:
        return np.zeros((1, span.series))
    before, both = previous(frame)
    same = (frame.values == before) | (np.isnan(frame.values) & np.isnan(before))
    return _events(both & ~same, span)


def _resets(frame: Frame, span: Span, _params: Params) -> FloatArray:
    before, both = previous(frame)
    return _events(both & (frame.values < before), span)


_REDUCERS: dict[str, Reducer] = {
    "changes": _changes,
    "count_over_time": _count,
    "last_over_time": _last,
    "max_over_time": _max,
    "min_over_time": _min,
    "present_over_time": _present,
    "quantile_over_time": _quantile,
    "resets": _resets,
}

_WALKING = frozenset({*FOLDS, "quantile_over_time"})
"""Functions that take a while where there are many samples."""

_TIMED = frozenset({"deriv", "predict_linear"})
"""Functions for which it matters when the samples of a window were taken."""

OVER_TIME = frozenset({*FOLDS, *_REDUCERS})
"""The names of the functions."""
