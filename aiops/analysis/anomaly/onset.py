"""When a series began to depart from its baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.deviation import MIN_BASELINE, spread
from aiops.core.telemetry import FloatArray

CLIP = 10.0
"""Deviations are cut at this many standard deviations, so that one wild sample does not decide the split."""

MIN_SHIFT = 2.0
"""Standard deviations between the two sides from which a split is a change point."""


@dataclass(frozen=True, slots=True)
class Onset:
    """A change point: the time (unix seconds) of the first sample of the new level, and the shift in standard
    deviations of the old one (negative: a drop)."""

    at: float
    shift: float


def find_onset(times: FloatArray, values: FloatArray, baseline_end: float, floor: float = 0.0) -> Onset | None:
    """The change point of a series (both arrays (n,), times rising), or None where it has none.

    The best split into two levels by least squares (Truong et al., "Selective review of offline change point
    detection methods", Signal Processing 2020, cost c_L2), of values standardised against what is older than
    `baseline_end` and clipped. `floor` as for `deviation`.
    """
    keep = np.isfinite(values)
    times, values = times[keep], values[keep]
    baseline = values[times < baseline_end]
    if len(baseline) < MIN_BASELINE or len(values) < len(baseline) + 1:
        return None
    median, scale = spread(baseline, floor)
    standard = np.clip((values - median) / scale, -CLIP, CLIP)
    return _best_split(times, standard)


def _best_split(times: FloatArray, values: FloatArray) -> Onset | None:
    n = len(values)
    sums = np.cumsum(values)
    left = np.arange(1, n)
    right = n - left
    left_mean = sums[:-1] / left
    right_mean = (sums[-1] - sums[:-1]) / right
    gain = left * right / n * (left_mean - right_mean) ** 2
    best = int(np.argmax(gain))
    shift = float(right_mean[best] - left_mean[best])
    if abs(shift) < MIN_SHIFT:
        return None
    return Onset(at=float(times[best + 1]), shift=shift)
