"""Scores of new samples by models of old ones: all models that were ever fitted are kept, and those count that fit the
most recent period best.

What recurs (a weekend, a night, a batch job) was learnt before and need not be learnt again; and the model of a period
that held an anomaly, which calls the anomaly normal, does not count once the anomaly is over. No label is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.scorers.features import FeatureModel
from aiops.analysis.anomaly.windows import NARROWEST, bridged, to_samples
from aiops.core.telemetry import FloatArray

COUNTING = 3
"""Models that count, the best fitting of all: their mean opinion errs less than the best one's alone."""

_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class Remembered:
    """A model of one period: how its values are standardised, and the median of its scores there."""

    mean: float
    scale: float
    model: FeatureModel
    usual: float

    @classmethod
    def of(cls, values: FloatArray, width: int) -> Remembered:
        """Learn a period (n,), `n` >= 2 * `width`."""
        mean, scale = float(values.mean()), float(values.std()) + _SMALL * (1 + abs(float(values.mean())))
        standard = (values - mean) / scale
        model = FeatureModel.fit(standard, width)
        return cls(mean, scale, model, float(np.median(model.score(standard, width))) + _SMALL)

    def score(self, values: FloatArray, width: int) -> FloatArray:
        """Scores of windows (k,): 1 for what is usual."""
        return self.model.score((values - self.mean) / self.scale, width) / self.usual

    def misfit(self, values: FloatArray, width: int) -> float:
        """0 where a period (n,) looks as usual as its own; a model to which all looks usual misfits as well."""
        return abs(float(np.log(np.median(self.score(values, width)) + _SMALL)))


@dataclass(frozen=True, slots=True)
class Opinions:
    """What models of earlier periods, the oldest first, say of the samples `first` to `end` (excluded): `scores`
    (models, end - first), and how badly each of them fitted the period before: `misfits` (models,)."""

    first: int
    end: int
    scores: FloatArray
    misfits: FloatArray

    def newest(self) -> FloatArray:
        """What a detector says that is fitted anew after each period."""
        return np.asarray(self.scores[-1])

    def recycled(self) -> FloatArray:
        """What the best fitting models say."""
        best = np.argsort(self.misfits, kind="stable")[:COUNTING]
        return np.asarray(self.scores[best].mean(axis=0))


def opinions(values: FloatArray, periods: int, width: int) -> list[Opinions]:
    """The series (n,) in `periods` equal parts, each but the first scored by models of the parts before it.

    Gaps are bridged. A series that is nearly all gap, and one whose periods are no four windows long, has no
    opinions.
    """
    known = bridged(values)
    if known is None or width < NARROWEST or len(known) // periods < 4 * width:
        return []
    edges = np.linspace(0, len(known), periods + 1).astype(int).tolist()
    kept: list[Remembered] = []
    found = []
    for before, first, end in zip(edges, edges[1:], edges[2:], strict=False):
        recent = known[before:first]
        kept.append(Remembered.of(recent, width))
        judged = known[first - width : end]
        scores = [to_samples(model.score(judged, width), len(judged), width)[width:] for model in kept]
        misfits = [*(model.misfit(recent, width) for model in kept[:-1]), _own_misfit(recent, width)]
        found.append(Opinions(first, end, np.array(scores), np.array(misfits)))
    return found


def _own_misfit(recent: FloatArray, width: int) -> float:
    """How well the newest model would have fitted its own period, had it seen the first half of it only."""
    half = len(recent) // 2
    return Remembered.of(recent[:half], width).misfit(recent[half:], width)
