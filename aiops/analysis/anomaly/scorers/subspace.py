"""How far a window is from the mean in directions in which windows seldom vary (Sub-PCA).

Principal components of windows, each divided by its variance, as in Aggarwal, "Outlier Analysis" (2017), section 3.3;
on series it is the "Sub-PCA" of TSB-AD (Liu and Paparrizos, NeurIPS 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.windows import shapes, standardised, to_samples
from aiops.core.telemetry import FloatArray

RIDGE = 0.01
"""Smallest variance that counts, as a share of the largest."""


@dataclass(frozen=True, slots=True)
class SubspaceModel:
    """What is usual: the mean window (d,), the components (d, d), and their variances (d,)."""

    mean: FloatArray
    components: FloatArray
    variances: FloatArray

    @classmethod
    def fit(cls, values: FloatArray, width: int) -> SubspaceModel:
        """Learn from standardised values (n,)."""
        windows = shapes(values, width)
        mean = windows.mean(axis=0)
        variances, components = np.linalg.eigh(np.cov((windows - mean).T, bias=True))
        return cls(mean, components, np.maximum(variances, 0.0) + RIDGE * max(float(variances[-1]), 1e-12))

    def score(self, values: FloatArray, width: int) -> FloatArray:
        """Distance of each window: (k,)."""
        return np.asarray((((shapes(values, width) - self.mean) @ self.components) ** 2 / self.variances).sum(axis=1))


def subspace(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by how the windows vary that hold them."""
    standard = standardised(values)
    return to_samples(SubspaceModel.fit(standard, width).score(standard, width), len(values), width)
