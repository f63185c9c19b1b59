"""Functions of the samples inside a window, series by series: `avg_over_time`, `changes`, `deriv`, ..."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.quantiles import column_quantile
from aiops.lab.promql.values import BoolArray, Frame, IntArray, Vector, Windows, nameless, stacked


@dataclass(frozen=True, slots=True)
class Window:
    """The samples of one window: `times` (n,) in ms, `values` and `present` (series, n); `moment` is the step."""

    times: IntArray
    values: FloatArray
    present: BoolArray
    moment: int

    @property
    def count(self) -> FloatArray:
        return _row_sums(self.present)


def _row_sums(values: FloatArray | BoolArray) -> FloatArray:
    sums: FloatArray = np.add.reduce(values, axis=1, dtype=np.float64)
    return sums


Reducer = Callable[[Window, list[float]], FloatArray]
"""(window, scalar arguments at its step) -> (series,)."""


def over_time(name: str, windows: Windows, steps: IntArray, params: list[FloatArray]) -> Vector:
    """Apply a function of the table below to every window. Only `last_over_time` keeps the metric's name."""
    reducer, needed = OVER_TIME[name]
    parts = [_frame(reducer, needed, frame, windows, steps, params) for frame in windows.frames]
    result = stacked(parts, len(steps))
    return result if name == "last_over_time" else nameless(result)


def _frame(
    reducer: Reducer, needed: int, frame: Frame, windows: Windows, steps: IntArray, params: list[FloatArray]
) -> Vector:
    values = np.full((len(frame.labels), len(steps)), np.nan)
    present = np.zeros(values.shape, dtype=bool)
    lows = np.searchsorted(frame.times, windows.starts, "left")
    highs = np.searchsorted(frame.times, windows.ends, "right")
    for step, (low, high) in enumerate(zip(lows.tolist(), highs.tolist(), strict=True)):
        if low >= high:
            continue
        here = frame.present[:, low:high]
        window = Window(frame.times[low:high], frame.values[:, low:high], here, int(steps[step]))
        present[:, step] = window.count >= needed
        values[:, step] = reducer(window, [float(param[step]) for param in params])
    rows = np.flatnonzero(present.any(axis=1))
    return Vector([frame.labels[row] for row in rows], values[rows], present[rows])


def _sum(window: Window, _params: list[float]) -> FloatArray:
    return _row_sums(np.where(window.present, window.values, 0.0))


def _avg(window: Window, _params: list[float]) -> FloatArray:
    return _sum(window, []) / window.count


def _min(window: Window, _params: list[float]) -> FloatArray:
    smallest: FloatArray = np.fmin.reduce(np.where(window.present, window.values, np.nan), axis=1)
    return smallest


def _max(window: Window, _params: list[float]) -> FloatArray:
    largest: FloatArray = np.fmax.reduce(np.where(window.present, window.values, np.nan), axis=1)
    return largest


def _count(window: Window, _params: list[float]) -> FloatArray:
    return window.count


def _present(window: Window, _params: list[float]) -> FloatArray:
    return np.ones(len(window.values))


def _last(window: Window, _params: list[float]) -> FloatArray:
    newest = window.present.shape[1] - 1 - np.argmax(window.present[:, ::-1], axis=1)
    last: FloatArray = window.values[np.arange(len(newest)), newest]
    return last


def _stdvar(window: Window, _params: list[float]) -> FloatArray:
    off = np.where(window.present, window.values - _avg(window, [])[:, None], 0.0)
    return _row_sums(off**2) / window.count


def _stddev(window: Window, _params: list[float]) -> FloatArray:
    return np.sqrt(_stdvar(window, []))


def _quantile(window: Window, params: list[float]) -> FloatArray:
    q = np.full(len(window.values), params[0])
    return column_quantile(q, np.ascontiguousarray(window.values.T), np.ascontiguousarray(window.present.T))


def _neighbours(window: Window) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Each sample beside the one before it: values, earlier values, and where both exist."""
    index = np.maximum.accumulate(np.where(window.present, np.arange(len(window.times)), -1), axis=1)
    before = np.maximum(index[:, :-1], 0)
    both = window.present[:, 1:] & (index[:, :-1] >= 0)
    return window.values[:, 1:], np.take_along_axis(window.values, before, axis=1), both


def _changes(window: Window, _params: list[float]) -> FloatArray:
    now, before, both = _neighbours(window)
    same = (now == before) | (np.isnan(now) & np.isnan(before))
    return _row_sums(both & ~same)


def _resets(window: Window, _params: list[float]) -> FloatArray:
    now, before, both = _neighbours(window)
    return _row_sums(both & (now < before))


def _regression(window: Window) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least squares: slope per second, and the point (seconds after the step, value) through which the line goes."""
    seconds = np.broadcast_to((window.times - window.moment) / 1000, window.values.shape)
    x = np.where(window.present, seconds, 0.0)
    y = np.where(window.present, window.values, 0.0)
    middle, level = _row_sums(x) / window.count, _row_sums(y) / window.count
    along = np.where(window.present, seconds - middle[:, None], 0.0)
    above = np.where(window.present, window.values - level[:, None], 0.0)
    return _row_sums(along * above) / _row_sums(along**2), middle, level


def _deriv(window: Window, _params: list[float]) -> FloatArray:
    return _regression(window)[0]


def _predict_linear(window: Window, params: list[float]) -> FloatArray:
    slope, middle, level = _regression(window)
    return level + slope * (params[0] - middle)


OVER_TIME: dict[str, tuple[Reducer, int]] = {
    "avg_over_time": (_avg, 1),
    "changes": (_changes, 1),
    "count_over_time": (_count, 1),
    "deriv": (_deriv, 2),
    "last_over_time": (_last, 1),
    "max_over_time": (_max, 1),
    "min_over_time": (_min, 1),
    "predict_linear": (_predict_linear, 2),
    "present_over_time": (_present, 1),
    "quantile_over_time": (_quantile, 1),
    "resets": (_resets, 1),
    "stddev_over_time": (_stddev, 1),
    "stdvar_over_time": (_stdvar, 1),
    "sum_over_time": (_sum, 1),
}
"""Name -> function and the number of samples that it needs."""
