"""How far a sample is from what the samples before it led one to expect: the residual of an exponentially weighted mean
(Hunter, "The Exponentially Weighted Moving Average", J. Quality Technology 1986), in robust standard deviations."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aiops.analysis.anomaly.deviation import spread
from aiops.analysis.anomaly.windows import moving_mean
from aiops.core.telemetry import FloatArray

WEIGHT = 0.05
"""Of the newest sample."""

CLIP = 10.0
"""Standard deviations from which a sample no longer moves the mean further: one wild sample is no new level."""


def smoothing(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by the absolute residual, averaged over windows."""
    _, scale = spread(np.diff(values, prepend=values[0]))
    mean = float(np.median(values[:width]))
    residual = np.empty(len(values))
    for index, value in enumerate(values.tolist()):
        error = value - mean
        residual[index] = error
        mean += WEIGHT * min(max(error, -CLIP * scale), CLIP * scale)
    return moving_mean(sliding_window_view(np.abs(residual) / scale, width).mean(axis=1), len(values), width)
