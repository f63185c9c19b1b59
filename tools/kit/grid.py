"""Series of one range query on one time axis, so that they can be added and divided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from aiops.core.evidence import Window
from aiops.core.telemetry import FloatArray, Series
from aiops.tools.kit.results import TimeSeries


@dataclass(frozen=True, slots=True)
class Grid:
    """The moments `start + k * step` (unix seconds, seconds) for k in 0..size-1. A missing value is NaN."""

    start: float
    step: float
    size: int

    @classmethod
    def over(cls, window: Window, step: float) -> Grid:
        """The moments of a window, both ends included."""
        return cls(window.start, step, int((window.end - window.start) / step + 1e-9) + 1)

    def times(self) -> FloatArray:
        """The moments in unix seconds, shape (size,)."""
        return self.start + self.step * np.arange(self.size, dtype=np.float64)

    def place(self, series: Series) -> FloatArray:
        """The values of `series` at the moments of the grid, shape (size,)."""
        placed = np.full(self.size, np.nan)
        index = np.rint((series.times - self.start) / self.step).astype(np.int64)
        inside = (index >= 0) & (index < self.size) & np.isfinite(series.values)
        placed[index[inside]] = series.values[inside]
        return placed

    def within(self, values: FloatArray, window: Window) -> FloatArray:
        """The values at moments in `window`."""
        times = self.times()
        return values[(times >= window.start - 1e-6) & (times <= window.end + 1e-6)]

    def series(self, labels: dict[str, str], values: FloatArray) -> TimeSeries:
        """The same as lists; what is missing is left out."""
        return TimeSeries.of(Series(labels, self.times(), values))


def total(rows: Iterable[FloatArray]) -> FloatArray | None:
    """The sum where at least one row has a value; None where there are no rows."""
    stacked = list(rows)
    if not stacked:
        return None
    matrix = np.vstack(stacked)
    return np.where(np.isnan(matrix).all(axis=0), np.nan, np.nansum(matrix, axis=0))


def largest(rows: Iterable[FloatArray]) -> FloatArray | None:
    """The maximum where at least one row has a value; None where there are no rows."""
    stacked = list(rows)
    if not stacked:
        return None
    matrix = np.vstack(stacked)
    filled = np.where(np.isnan(matrix), -np.inf, matrix).max(axis=0)
    return np.where(np.isneginf(filled), np.nan, filled)


def counted(values: FloatArray) -> FloatArray:
    """How much a counter has risen since its first value, resets left out; flat over gaps, NaN before the start."""
    risen = np.full_like(values, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    if known.size:
        steps = np.clip(np.diff(values[known]), 0, None)
        risen[known] = np.concatenate([[0.0], np.cumsum(steps)])
        last = np.maximum.accumulate(np.where(np.isfinite(risen), np.arange(risen.size), -1))
        risen = np.where(last >= 0, risen[np.maximum(last, 0)], np.nan)
    return risen


def mean(values: FloatArray) -> float | None:
    """The mean of the values that are there; None where there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def median(values: FloatArray) -> float | None:
    """The median of the values that are there; None where there are none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None
