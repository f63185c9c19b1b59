"""How far a sample is from what the same moment of other seasons has: of the day, the week, of whatever comes back."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aiops.analysis.anomaly.windows import moving_mean, standardised
from aiops.core.telemetry import FloatArray

SEASONS = 3
"""Seasons that a series must hold: with fewer there is nothing to compare."""

ALIKE = 0.3
"""Correlation of a series with itself one season later from which it has seasons."""

FIRST = 0.9
"""Share of the highest peak that the first one must reach: a week's is no lower than a day's."""


def seasonal(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by the deviation from the median of their phase, averaged over windows; a series without
    seasons is compared with its median."""
    standard = standardised(values)
    period = period_of(standard) or 1
    count = -(-len(values) // period)
    phases = np.full(count * period, np.nan)
    phases[: len(values)] = standard
    usual = np.nanmedian(phases.reshape(count, period), axis=0)
    residual = np.abs(standard - np.tile(usual, count)[: len(values)])
    return moving_mean(sliding_window_view(residual, width).mean(axis=1), len(values), width)


def period_of(standard: FloatArray) -> int | None:
    """Samples of a season of a standardised series (n,): where its autocorrelation first peaks after having fallen
    below zero. None where no peak is high enough."""
    n = len(standard)
    size = 1 << (2 * n - 1).bit_length()
    correlation = np.fft.irfft(np.abs(np.fft.rfft(standard, size)) ** 2, size)[: n // SEASONS + 1]
    correlation = correlation / (n - np.arange(len(correlation)))
    below = np.flatnonzero(correlation < 0)
    if len(below) == 0:
        return None
    after = correlation[below[0] :]
    high = np.flatnonzero(after >= max(ALIKE, FIRST * float(after.max())))
    if len(high) == 0:
        return None
    end = int(np.flatnonzero(np.diff(high, append=high[-1] + 2) > 1)[0])
    peak = high[0] + int(after[high[0] : high[end] + 1].argmax())
    return int(below[0]) + int(peak)
