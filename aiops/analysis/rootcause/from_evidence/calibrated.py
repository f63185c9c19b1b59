"""How often a first cause of a given weight is right, so that 80 % sure is right in 80 of 100 cases.

The weights are sums of strengths that were set by judgement; the table below was learnt from plays of faults (its
command stands in docs/accuracy.md), as the share of first causes right in object and mechanism, pooled until it rises
(isotonic regression: Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability
estimates", KDD 2002).
"""

from __future__ import annotations

import numpy as np

TABLE = ((0.0, 0.0), (0.35, 0.6), (0.51, 0.67), (0.69, 0.78), (0.82, 0.83), (0.93, 0.88), (0.95, 0.92), (0.98, 0.96))
"""(weight, share that was right), both rising."""


def calibrated(weight: float) -> float:
    """The probability in 0..1 that a first cause of this weight is right."""
    weights, shares = zip(*TABLE, strict=True)
    return float(np.interp(weight, weights, shares))


def weight_of(confidence: float) -> float:
    """The weight that gives this probability."""
    weights, shares = zip(*TABLE, strict=True)
    return float(np.interp(confidence, shares, weights))
