"""Windows of a series: where they begin, what they look like, and from scores of windows to scores of samples."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aiops.analysis.anomaly.deviation import MIN_BASELINE
from aiops.core.telemetry import FloatArray

SHARE = 20
"""A window is this part of the series: as wide as what a person would point at in a chart of it."""

NARROWEST = 8
"""Samples of the smallest window."""

STEPS = 10
"""Windows begin this many times within the width of one: neighbours overlap by nine tenths."""

BLOCKS = 20
"""Values that stand for a window's shape (piecewise aggregate approximation of Keogh et al., KAIS 2001)."""


def width_for(n: int) -> int:
    """Samples of a window for a series of `n` samples."""
    return max(NARROWEST, n // SHARE)


def bridged(values: FloatArray) -> FloatArray | None:
    """The series (n,) with straight lines over its gaps (NaN, infinities); None where nearly all of it is one."""
    known = np.isfinite(values)
    if known.sum() < MIN_BASELINE:
        return None
    places = np.arange(len(values))
    return np.interp(places, places[known], values[known])


def standardised(values: FloatArray) -> FloatArray:
    """Values (n,) with mean 0 and standard deviation 1; zeros where they never move."""
    scale = float(values.std())
    centred = values - values.mean()
    return np.zeros_like(values) if scale <= 1e-9 * max(1.0, float(np.abs(values).max())) else centred / scale


def stride(width: int) -> int:
    """Samples from the beginning of one window to that of the next."""
    return max(1, width // STEPS)


def starts(n: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Where the windows of a series of `n` samples begin, `n` >= `width`."""
    return np.arange(0, n - width + 1, stride(width))


def cut(values: FloatArray, width: int) -> FloatArray:
    """The windows (k, width) of `values` (n,) that begin at `starts(n, width)`: a view, not to be written to."""
    return sliding_window_view(values, width)[:: stride(width)]


def shapes(values: FloatArray, width: int) -> FloatArray:
    """Means of equal parts of each window: (k, at most 2 * `BLOCKS` - 1)."""
    windows = cut(values, width)
    size = max(1, width // BLOCKS)
    count = width // size
    return np.asarray(windows[:, : count * size].reshape(len(windows), count, size).mean(axis=2))


def to_samples(scores: FloatArray, n: int, width: int) -> FloatArray:
    """Scores (n,) of samples from those of windows (k,): the mean over all windows that hold the sample."""
    every = np.interp(np.arange(n - width + 1), starts(n, width), scores)
    return moving_mean(every, n, width)


def moving_mean(scores: FloatArray, n: int, width: int) -> FloatArray:
    """The mean, for each of `n` samples, over the scores (n - width + 1,) of the windows that hold it."""
    sums = np.concatenate(([0.0], np.cumsum(scores)))
    sample = np.arange(n)
    first = np.maximum(sample - width + 1, 0)
    last = np.minimum(sample, n - width)
    return np.asarray((sums[last + 1] - sums[first]) / (last - first + 1))
