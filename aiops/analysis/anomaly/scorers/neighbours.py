"""How far a window is from the windows most like it: discords, robust to seasons, whose windows come back.

The matrix profile (Yeh et al., "Matrix Profile I", ICDM 2016) on shortened windows, with a near neighbour instead of
the nearest, so that an anomaly that comes twice does not hide itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.windows import shapes, standardised, stride, to_samples
from aiops.core.telemetry import FloatArray

RANK = 0.02
"""Which neighbour counts, as a share of all windows."""


@dataclass(frozen=True, slots=True)
class NeighbourModel:
    """What is usual: the shapes (m, d) of all windows that were seen."""

    seen: FloatArray

    @classmethod
    def fit(cls, values: FloatArray, width: int) -> NeighbourModel:
        """Learn from standardised values (n,)."""
        return cls(shapes(values, width))

    def score(self, values: FloatArray, width: int) -> FloatArray:
        """Distance of each window from the seen ones: (k,)."""
        return _near(_distances(shapes(values, width), self.seen))

    def score_own(self, width: int) -> FloatArray:
        """Distance of each seen window from the others that it does not overlap: (m,)."""
        squares = _distances(self.seen, self.seen)
        reach = -(-width // stride(width))
        for offset in range(1 - reach, reach):
            rows = np.arange(max(0, -offset), len(squares) - max(0, offset))
            squares[rows, rows + offset] = np.inf
        return _near(squares)


def neighbours(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by how unlike all others the windows are that hold them."""
    found = NeighbourModel.fit(standardised(values), width).score_own(width)
    return to_samples(found, len(values), width)


def _distances(one: FloatArray, other: FloatArray) -> FloatArray:
    """Squared distances (k, m) of rows."""
    return np.asarray((one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T)


def _near(squares: FloatArray) -> FloatArray:
    rank = min(int(len(squares.T) * RANK), squares.shape[1] - 1)
    squares.partition(rank, axis=1)
    found = squares[:, rank]
    return np.sqrt(np.maximum(np.where(np.isfinite(found), found, 0.0), 0.0))
