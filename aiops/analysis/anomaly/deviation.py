"""How far a window of a series departs from its baseline, robustly.

Median and interquartile range instead of mean and standard deviation, as BARO does (Pham et al., "BARO: Robust Root
Cause Analysis for Microservices via Multivariate Bayesian Online Change Point Detection", FSE 2024): they hold when
the onset is known late and some faulty samples fall into the baseline. A drop is as anomalous as a rise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray

NORMAL_IQR = 1.349
"""Interquartile range of a normal distribution in standard deviations."""

MAD_OF_NORMAL = 1.4826
"""Standard deviations of a normal distribution in one of its median absolute deviations."""

RELATIVE_FLOOR = 0.05
"""A series that never moved is still not expected to hold to better than this share of its level."""

THRESHOLD = 3.0
"""Deviations (in robust standard deviations) up to this are normal."""

MIN_BASELINE = 4
"""Fewer samples than this are no baseline."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """`z` in robust standard deviations, negative for a drop; levels in the unit of the series."""

    z: float
    baseline: float
    observed: float
    scale: float

    @property
    def score(self) -> float:
        """0 for normal, rising towards 1."""
        return score(self.z)


def score(z: float) -> float:
    """Robust standard deviations to 0..1: 0 up to `THRESHOLD`, .5 at twice that, towards 1."""
    size = abs(z)
    return 0.0 if size <= THRESHOLD else 1.0 - THRESHOLD / size


def finite(values: FloatArray) -> FloatArray:
    """`values` without NaN and infinities."""
    return values[np.isfinite(values)]


def spread(baseline: FloatArray, floor: float = 0.0) -> tuple[float, float]:
    """(median, robust standard deviation) of a baseline of shape (n,), n > 0.

    `floor` is the smallest deviation that matters, in the unit of the series (1 % for an error ratio).
    """
    low, median, high = np.quantile(baseline, (0.25, 0.5, 0.75))
    scale = max(float(high - low) / NORMAL_IQR, RELATIVE_FLOOR * abs(float(median)), floor, 1e-12)
    return float(median), scale


def deviation(baseline: FloatArray, window: FloatArray, floor: float = 0.0) -> Deviation | None:
    """Departure of `window` (m,) from `baseline` (n,); None where either has too few finite samples.

    The upper quartile of the window's deviations counts, not the largest: one odd sample is no departure, a fault
    that fills the last quarter of the window is one.
    """
    before, after = finite(baseline), finite(window)
    if len(before) < MIN_BASELINE or not len(after):
        return None
    median, scale = spread(before, floor)
    deviations = (after - median) / scale
    size = np.abs(deviations)
    index = int(np.argsort(size, kind="stable")[int(0.75 * (len(size) - 1) + 0.5)])
    return Deviation(z=float(deviations[index]), baseline=median, observed=float(after[index]), scale=scale)
