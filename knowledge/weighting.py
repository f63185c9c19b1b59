"""BM25 as vectors: the inner product of a passage's and a question's vector is the passage's score.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). Features are hashed to
a fixed number of dimensions; the inverse frequency is counted over runbooks, since a runbook is what is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiops.knowledge.words import DIMENSIONS, bucket, features

SATURATION = 1.2
LENGTH_SHARE = 0.3
"""Less than the usual 0.75: a section is short or long by its heading, not because it repeats itself."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weighting:
    """`runbooks` is their number, `frequencies` in how many of them each feature occurs, `length` the mean weight of
    a passage's features."""

    runbooks: int
    length: float
    frequencies: dict[str, int]

    @classmethod
    def of(cls, runbooks: Sequence[str], passages: Sequence[str]) -> Weighting:
        """Counted over the texts of whole runbooks and of their passages."""
        frequencies: dict[str, int] = {}
        for text in runbooks:
            for feature in features(text):
                frequencies[feature] = frequencies.get(feature, 0) + 1
        lengths = [sum(features(text).values()) for text in passages]
        return cls(len(runbooks), sum(lengths) / len(lengths) if lengths else 1.0, dict(sorted(frequencies.items())))

    @classmethod
    def read(cls, config: dict[str, Any]) -> Weighting:
        return cls(int(config["runbooks"]), float(config["length"]), dict(config["frequencies"]))

    def config(self) -> dict[str, Any]:
        """As JSON, for `read`."""
        return {"runbooks": self.runbooks, "length": self.length, "frequencies": self.frequencies}

    def passage(self, text: str) -> Vector:
        """Shape (DIMENSIONS,): saturated counts, damped by the passage's length."""
        counts = _counts(text)
        damped = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * float(counts.sum()) / self.length)
        return (counts * (SATURATION + 1) / (counts + damped)).astype(np.float32)

    def question(self, text: str) -> Vector:
        """Shape (DIMENSIONS,): counts times inverse frequency. Words that no runbook has weigh nothing."""
        weights = np.zeros(DIMENSIONS)
        for feature, weight in features(text).items():
            weights[bucket(feature)] += weight * self._rarity(feature)
        return weights.astype(np.float32)

    def _rarity(self, feature: str) -> float:
        having = self.frequencies.get(feature, 0)
        return math.log(1 + (self.runbooks - having + 0.5) / (having + 0.5)) if having else 0.0


def _counts(text: str) -> NDArray[np.float64]:
    counts = np.zeros(DIMENSIONS)
    for feature, weight in features(text).items():
        counts[bucket(feature)] += weight
    return counts
