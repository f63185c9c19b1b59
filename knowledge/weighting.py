"""BM25 as vectors: the inner product of a passage's and a question's vector is the passage's score.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). Each feature that
the runbooks have is a dimension; the inverse frequency is counted over runbooks, since a runbook is what is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiops.knowledge.words import features

SATURATION = 1.2
LENGTH_SHARE = 0.3
"""Less than the usual 0.75: a section is short or long by its heading, not because it repeats itself."""

Vector = NDArray[np.float32]


@dataclass(frozen=True)
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
        length = sum(lengths) / max(1, len(lengths)) or 1.0  # texts of nothing but common words have no features
        return cls(len(runbooks), length, dict(sorted(frequencies.items())))

    @classmethod
    def read(cls, config: dict[str, Any]) -> Weighting:
        return cls(int(config["runbooks"]), float(config["length"]), dict(config["frequencies"]))

    def config(self) -> dict[str, Any]:
        """As JSON, for `read`."""
        return {"runbooks": self.runbooks, "length": self.length, "frequencies": self.frequencies}

    @cached_property
    def columns(self) -> dict[str, int]:
        """The dimension of each feature."""
        return {feature: column for column, feature in enumerate(self.frequencies)}

    @property
    def dimensions(self) -> int:
        return max(1, len(self.frequencies))

    def passage(self, text: str) -> Vector:
        """Shape (dimensions,): saturated counts, damped by the passage's length."""
        counts = np.zeros(self.dimensions)
        for feature, weight in features(text).items():
            if (column := self.columns.get(feature)) is not None:
                counts[column] = weight
        damped = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * float(counts.sum()) / self.length)
        return (counts * (SATURATION + 1) / (counts + damped)).astype(np.float32)

    def question(self, text: str) -> Vector:
        """Shape (dimensions,): counts times inverse frequency. Words that no runbook has weigh nothing."""
        weights = np.zeros(self.dimensions)
        for feature, weight in features(text).items():
            if (column := self.columns.get(feature)) is not None:
                weights[column] = weight * self._rarity(feature)
        return weights.astype(np.float32)

    def _rarity(self, feature: str) -> float:
        having = self.frequencies[feature]
        return math.log(1 + (self.runbooks - having + 0.5) / (having + 0.5))
