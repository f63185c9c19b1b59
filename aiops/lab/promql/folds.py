"""Functions that take the samples of a window one after the other, in the very order of Prometheus' arithmetic
(promql/functions.go): sums that keep what rounding loses, and what rests on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import BoolArray, IntArray, PromqlError
from aiops.lab.promql.windows import Span

Params = list[FloatArray]
"""The scalar arguments, (windows,) each."""

Fold = Callable[[Span, IntArray, Params], FloatArray]
"""(windows of a frame, steps in ms, scalar arguments) -> (windows, series)."""


class _Sum:
    """Kahan's sum in Neumaier's form: `total` and what it `lost`."""

    def __init__(self) -> None:
        self.total: FloatArray = np.zeros(1)
        self.lost: FloatArray = np.zeros(1)

    def add(self, more: FloatArray, here: BoolArray | None) -> None:
        total = self.total + more
        larger = np.abs(self.total) >= np.abs(more)
        lost = self.lost + np.where(larger, (self.total - total) + more, (more - total) + self.total)
        self.total, self.lost = (total, lost) if here is None else self._only(here, total, lost)

    def _only(self, here: BoolArray, total: FloatArray, lost: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.where(here, total, self.total), np.where(here, lost, self.lost)

    def value(self) -> FloatArray:
        return self.total + self.lost

    def finite_or_total(self) -> FloatArray:
        return np.where(np.isinf(self.total), self.total, self.value())


def _counted(count: FloatArray, here: BoolArray | None) -> FloatArray:
    return np.add(count, 1.0 if here is None else here)


def _shaped(values: FloatArray, span: Span) -> FloatArray:
    """Where no window holds a sample, nothing was folded."""
    shape = (len(span.low), span.series)
    return values if values.shape == shape else np.zeros(shape)


def _sum(span: Span, _steps: IntArray, _params: Params) -> FloatArray:
    total = _Sum()
    for values, _, here in span.positions():
        total.add(values, here)
    return _shaped(total.finite_or_total(), span)


def _avg(span: Span, _steps: IntArray, _params: Params) -> FloatArray:
    if span.unmoved:
        return span.first_values() + 0.0  # as a sum would begin: not with a negative zero
    mean = _Sum()
    count: FloatArray = np.zeros(1)
    for values, _, here in span.positions():
        count = _counted(count, here)
        infinite = np.isinf(mean.total)
        if infinite.any():  # only an infinity of the other sign, or NaN, moves an infinite mean
            moves = ~infinite | np.isnan(values) | (np.isinf(values) & (np.sign(values) != np.sign(mean.total)))
            here = moves if here is None else here & moves
        mean.add(values / count - mean.total / count, here)
    return _shaped(mean.finite_or_total(), span)


def _stdvar(span: Span, _steps: IntArray, _params: Params) -> FloatArray:
    mean, squares = _Sum(), _Sum()
    count: FloatArray = np.zeros(1)
    for values, _, here in span.positions():
        count = _counted(count, here)
        off = values - mean.value()
        mean.add(off / count, here)
        squares.add(off * (values - mean.value()), here)
    return _shaped(squares.value() / count, span)


def _stddev(span: Span, steps: IntArray, params: Params) -> FloatArray:
    return np.sqrt(_stdvar(span, steps, params))


def _regression(span: Span, origin: IntArray) -> tuple[FloatArray, FloatArray]:
    """Least squares: slope per second, and the line's value at the moments `origin` (ms), (windows, 1 or series)."""
    sum_x, sum_y, sum_xy, sum_xx = _Sum(), _Sum(), _Sum(), _Sum()
    first = span.first_values()
    constant = np.ones(first.shape, dtype=bool)
    for values, times, here in span.positions():
        same = values == first
        constant &= same if here is None else same | ~here
        x = np.broadcast_to((times - origin) / 1000, values.shape)
        for total, more in ((sum_x, x), (sum_y, values), (sum_xy, x * values), (sum_xx, x * x)):
            total.add(more, here)
    n = span.count
    x, y = sum_x.value(), sum_y.value()
    slope = (sum_xy.value() - x * y / n) / (sum_xx.value() - x * x / n)
    level = y / n - slope * x / n
    infinite = np.isinf(first)
    flat, straight = np.where(infinite, np.nan, 0.0), np.where(infinite, np.nan, first)
    return np.where(constant, flat, slope), np.where(constant, straight, level)


def _deriv(span: Span, _steps: IntArray, _params: Params) -> FloatArray:
    return _regression(span, span.times(span.first))[0]


def _predict_linear(span: Span, steps: IntArray, params: Params) -> FloatArray:
    slope, level = _regression(span, steps[:, None])
    return slope * params[0][:, None] + level


def _holt_winters(span: Span, _steps: IntArray, params: Params) -> FloatArray:
    """Double exponential smoothing by a smoothing and a trend factor."""
    used = (span.count >= 1).any(axis=1)
    smoothing, trending = (param[:, None] for param in params)
    for name, factor in (("smoothing", smoothing), ("trend", trending)):
        wrong = used & ~((factor > 0) & (factor < 1))[:, 0]
        if wrong.any():
            got = factor[np.argmax(wrong), 0]
            raise PromqlError(f"invalid {name} factor. Expected: 0 < {name[0]}f < 1, got: {got:f}")
    level = before = trend = np.zeros((len(span.low), span.series))
    number = np.zeros(level.shape)
    for values, _, given in span.positions():
        here = np.ones(level.shape, dtype=bool) if given is None else given
        first, second, later = here & (number == 0), here & (number == 1), here & (number >= 1)
        trend = np.where(second, values - level, trend)
        trend = np.where(later & ~second, trending * (level - before) + (1 - trending) * trend, trend)
        smoothed = smoothing * values + (1 - smoothing) * (level + trend)
        before = np.where(later, level, before)
        level = np.where(first, values, np.where(later, smoothed, level))
        number += here
    return level


FOLDS: dict[str, tuple[Fold, int]] = {
    "avg_over_time": (_avg, 1),
    "deriv": (_deriv, 2),
    "holt_winters": (_holt_winters, 2),
    "predict_linear": (_predict_linear, 2),
    "stddev_over_time": (_stddev, 1),
    "stdvar_over_time": (_stdvar, 1),
    "sum_over_time": (_sum, 1),
}
"""Name -> function and the number of samples that it needs."""
