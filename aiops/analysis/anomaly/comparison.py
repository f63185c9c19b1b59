"""Is one sample of a signal worse than another? The judge of a change, and of a service getting well.

Mann-Whitney's U test (normal approximation with correction for ties and continuity) says whether a difference is
real; Cliff's delta (Cliff, "Dominance statistics", Psychological Bulletin 1993) whether it is large. Looking several
times at growing data inflates false alarms; Bonferroni's correction (alpha / looks) bounds them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.deviation import MAD_OF_NORMAL, finite
from aiops.core.action import Outcome
from aiops.core.telemetry import FloatArray

LARGE_EFFECT = 0.474
"""Cliff's delta from which an effect is called large (Romano et al., 2006)."""

MIN_SAMPLES = 4
"""With fewer samples on a side no difference can be significant."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`p` is two-sided. `delta` in -1..1: positive where the second sample tends to be larger."""

    p: float
    delta: float


def ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1, ties get their mean rank. Shape (n,) to (n,)."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean_rank = last - (counts - 1) / 2
    return np.asarray(mean_rank[inverse], dtype=np.float64)


def compare(first: FloatArray, second: FloatArray) -> Comparison:
    """Mann-Whitney's U test of two samples, (n,) and (m,), both not empty and finite."""
    n, m = len(first), len(second)
    both = np.concatenate([first, second])
    u = float(ranks(both)[n:].sum()) - m * (m + 1) / 2
    delta = 2 * u / (n * m) - 1
    _, counts = np.unique(both, return_counts=True)
    total = n + m
    ties = float((counts.astype(float) ** 3 - counts).sum()) / (total * (total - 1)) if total > 1 else 0.0
    variance = n * m / 12 * (total + 1 - ties)
    if variance <= 0:
        return Comparison(p=1.0, delta=0.0)
    z = max(abs(u - n * m / 2) - 0.5, 0.0) / math.sqrt(variance)
    return Comparison(p=math.erfc(z / math.sqrt(2)), delta=delta)


def wander(control: FloatArray, length: int) -> float:
    """By how much the median of so many samples in a row goes up and down while all is well, as a robust standard
    deviation (median absolute deviation) in the unit of `control`; 0 where it is too short to tell.

    Neighbouring samples of a rate overlap, so medians of windows tell more than the spread of single samples."""
    values = finite(control)
    if length < 1 or len(values) < 2 * length:
        return 0.0
    medians = np.median(np.lib.stride_tricks.sliding_window_view(values, length), axis=1)
    return float(MAD_OF_NORMAL * np.median(np.abs(medians - np.median(medians))))


def judge(
    control: FloatArray, sample: FloatArray, *, tolerance: float = 0.0, looks: int = 1, alpha: float = 0.05
) -> Outcome | None:
    """Is `sample` worse (larger) or better (smaller) than `control`, of a signal where less is better?

    A difference counts where it is significant, large, and its medians differ by more than `tolerance` (unit of
    the signal). None where a side has fewer than `MIN_SAMPLES` finite samples.
    """
    first, second = finite(control), finite(sample)
    if len(first) < MIN_SAMPLES or len(second) < MIN_SAMPLES:
        return None
    result = compare(first, second)
    gap = float(np.median(second) - np.median(first))
    if result.p >= alpha / looks or abs(result.delta) < LARGE_EFFECT or abs(gap) <= tolerance:
        return Outcome.UNCHANGED
    return Outcome.WORSE if gap > 0 else Outcome.BETTER
