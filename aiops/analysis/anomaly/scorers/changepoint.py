"""Where the level or the spread changes: Bayesian online change-point detection (Adams and MacKay, 2007), on the means
of short pieces, with normal pieces of unknown mean and variance."""

from __future__ import annotations

import math

import numpy as np

from aiops.analysis.anomaly.windows import STEPS, standardised
from aiops.core.telemetry import FloatArray

HAZARD = 1 / 100
"""Probability that a piece begins a new regime."""

LONGEST_RUN = 200
"""Pieces of a regime that are told apart; longer ones count as this long."""

PRIOR_WEIGHT, PRIOR_SHAPE, PRIOR_SCALE = 0.1, 1.0, 0.1
"""Normal-inverse-gamma prior of a regime's mean (0) and variance, of a series with variance 1."""

_LOG_GAMMA = np.array(
    [[math.lgamma(PRIOR_SHAPE + run / 2 + half) for run in range(LONGEST_RUN + 1)] for half in (0, 0.5)]
)


def changepoint(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by the probability that a regime began within the window that ends there."""
    size = max(1, width // STEPS)
    count = len(values) // size
    pieces = standardised(values)[: count * size].reshape(count, size).mean(axis=1)
    within = max(1, width // size)
    recent = _began(pieces, within)
    recent[: within + 1] = 0.0  # the first regime is new by itself
    return np.interp(np.arange(len(values)), (np.arange(count) + 0.5) * size, recent)


def _began(pieces: FloatArray, within: int) -> FloatArray:
    """Probability (n,) that the regime at each piece is at most `within` pieces old."""
    weight = PRIOR_WEIGHT + np.arange(LONGEST_RUN + 1.0)
    shape = PRIOR_SHAPE + np.arange(LONGEST_RUN + 1.0) / 2
    constant = _LOG_GAMMA[1] - _LOG_GAMMA[0] - 0.5 * np.log(2 * math.pi * shape)
    mean, scale = np.zeros(LONGEST_RUN + 1), np.full(LONGEST_RUN + 1, PRIOR_SCALE)
    runs = np.zeros(LONGEST_RUN + 1)
    runs[0] = 1.0
    found = np.empty(len(pieces))
    for index, piece in enumerate(pieces.tolist()):
        variance = scale * (weight + 1) / (shape * weight)
        surprise = (piece - mean) ** 2 / variance
        likelihood = np.exp(constant - 0.5 * np.log(variance) - (shape + 0.5) * np.log1p(surprise / (2 * shape)))
        grown = runs * likelihood
        total = float(grown.sum())
        grown /= total if total > 0 else 1.0
        runs = _shifted(grown * (1 - HAZARD), HAZARD if total > 0 else 1.0)
        runs[-1] += grown[-1] * (1 - HAZARD)
        scale = _shifted(scale + 0.5 * weight / (weight + 1) * (piece - mean) ** 2, PRIOR_SCALE)
        mean = _shifted((weight * mean + piece) / (weight + 1), 0.0)
        found[index] = runs[: within + 1].sum()
    return found


def _shifted(values: FloatArray, first: float) -> FloatArray:
    return np.concatenate(([first], values[:-1]))
