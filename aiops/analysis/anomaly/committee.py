"""How strange each sample of a series is: the mean opinion of methods that err differently, at two widths.

The best single method changes with the series (Liu and Paparrizos, "The Elephant in the Room", NeurIPS 2024), and no
label says which one it is, so all members count alike. A series with seasons is also compared with its other seasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from aiops.analysis.anomaly.deviation import spread
from aiops.analysis.anomaly.scorers.changepoint import changepoint
from aiops.analysis.anomaly.scorers.features import features
from aiops.analysis.anomaly.scorers.neighbours import neighbours
from aiops.analysis.anomaly.scorers.polynomial import polynomial
from aiops.analysis.anomaly.scorers.seasonal import period_of, seasonal
from aiops.analysis.anomaly.scorers.smoothing import smoothing
from aiops.analysis.anomaly.scorers.spectral import spectral
from aiops.analysis.anomaly.scorers.subspace import subspace
from aiops.analysis.anomaly.windows import NARROWEST, bridged, standardised, width_for
from aiops.core.telemetry import FloatArray

Scorer = Callable[[FloatArray, int], FloatArray]

METHODS: Mapping[str, Scorer] = {
    method.__name__: method
    for method in (features, neighbours, subspace, seasonal, polynomial, smoothing, spectral, changepoint)
}

MEMBERS: tuple[Scorer, ...] = (features, neighbours, subspace)

WIDTHS = (1.0, 0.5)
"""Widths of the windows that members look through, as shares of the usual one."""

SHORTEST = 6 * NARROWEST
"""Samples below which windows would hold half the series: what counts is the distance from the median."""

SMALLEST = 0.05
"""Spread that scores are taken to have at least; the scale of opinions is 1."""


def committee(values: FloatArray) -> FloatArray:
    """Scores (n,) of the samples of a series (n,), in robust standard deviations above the series' usual score.

    Gaps (NaN, infinities) are bridged by straight lines; a series that never moves has scores of 0.
    """
    known = _moving(values)
    if known is None:
        return np.zeros(len(values))
    members = MEMBERS if period_of(standardised(known)) is None else (*MEMBERS, seasonal)
    return _mean(known, members, WIDTHS)


def strangest(columns: FloatArray) -> FloatArray:
    """Scores (n,) of the rows of several series (n, k): each row's is the highest of its columns' scores."""
    return np.asarray(np.max([committee(column) for column in columns.T], axis=0))


def single(values: FloatArray, method: str) -> FloatArray:
    """The same by one method of `METHODS`, at the usual width."""
    known = _moving(values)
    return np.zeros(len(values)) if known is None else _mean(known, (METHODS[method],), WIDTHS[:1])


def _moving(values: FloatArray) -> FloatArray | None:
    """The series without gaps, as shares of its largest value; None where it never moves."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    known = bridged(values / largest) if largest > 0 else None
    return known if known is not None and standardised(known).any() else None


def _mean(known: FloatArray, members: Sequence[Scorer], widths: Sequence[float]) -> FloatArray:
    if len(known) < SHORTEST:
        median, scale = spread(known)
        return _above_usual(np.abs(known - median) / scale)
    full = width_for(len(known))
    opinions = [
        standardised(member(known, max(NARROWEST, int(full * share)))) for share in widths for member in members
    ]
    return _above_usual(np.asarray(np.mean(opinions, axis=0)))


def _above_usual(scores: FloatArray) -> FloatArray:
    median, scale = spread(scores, SMALLEST)
    return (scores - median) / scale
