"""Which stretches of a scored series are anomalies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray

STRANGE = 4.0
"""Robust standard deviations above the usual score from which a score is one of an anomaly. Extreme value theory (SPOT,
Siffer et al., KDD 2017) needs scores that are free of anomalies to start with;
it called more of what is normal strange."""

CORE = 0.5
"""Share of a stretch's peak that its samples must reach: windows smear an anomaly over their width."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Samples `first` to `last`, both included, and the highest score in it."""

    first: int
    last: int
    score: float


def intervals(scores: FloatArray) -> list[Interval]:
    """The anomalies of a series by the scores (n,) of its samples, which are those of `committee`, in order of time."""
    edges = np.flatnonzero(np.diff(scores > STRANGE, prepend=False, append=False))
    return [_core(scores, int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _core(scores: FloatArray, first: int, end: int) -> Interval:
    stretch = scores[first:end]
    peak = float(stretch.max())
    high = np.flatnonzero(stretch >= CORE * peak)
    return Interval(first + int(high[0]), first + int(high[-1]), peak)
