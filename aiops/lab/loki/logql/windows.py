"""Functions of the samples in a window before each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Samples (n,) of one series, and for each step (m,) the first of its window and the one after the last."""

    times: FloatArray
    values: FloatArray
    first: IntArray
    last: IntArray
    seconds: float
    parameter: float | None = None

    @property
    def count(self) -> FloatArray:
        return (self.last - self.first).astype(np.float64)

    @property
    def total(self) -> FloatArray:
        sums = np.concatenate([[0.0], np.cumsum(self.values)])
        total: FloatArray = sums[self.last] - sums[self.first]
        return total

    def each(self, function: Callable[[FloatArray], float]) -> FloatArray:
        """A function of the values of every window; 0 where it is empty."""
        pairs = zip(self.first.tolist(), self.last.tolist(), strict=True)
        return np.array([function(self.values[a:b]) if b > a else 0.0 for a, b in pairs])


def _increase(values: FloatArray) -> float:
    """How much a counter grew, with its resets."""
    steps = np.diff(values)
    return float(np.where(steps < 0, values[1:], steps).sum())


def _quantile(window: Window) -> FloatArray:
    share = window.parameter or 0.0
    if not 0.0 <= share <= 1.0:
        return np.full(len(window.first), np.inf if share > 1 else -np.inf)
    return window.each(lambda values: float(np.quantile(values, share)))


RANGE_FUNCTIONS: dict[str, Callable[[Window], FloatArray]] = {
    "count_over_time": lambda w: w.count,
    "rate": lambda w: w.total / w.seconds,
    "sum_rate": lambda w: w.total / w.seconds,
    "bytes_over_time": lambda w: w.total,
    "sum_over_time": lambda w: w.total,
    "avg_over_time": lambda w: w.total / np.maximum(w.count, 1.0),
    "rate_counter": lambda w: w.each(_increase) / w.seconds,
    "min_over_time": lambda w: w.each(lambda values: float(values.min())),
    "max_over_time": lambda w: w.each(lambda values: float(values.max())),
    "first_over_time": lambda w: w.each(lambda values: float(values[0])),
    "last_over_time": lambda w: w.each(lambda values: float(values[-1])),
    "stddev_over_time": lambda w: w.each(lambda values: float(values.std())),
    "stdvar_over_time": lambda w: w.each(lambda values: float(values.var())),
    "quantile_over_time": _quantile,
}
"""By LogQL's name; `rate` of lines counts each as its sample's value, 1 or the line's bytes."""
