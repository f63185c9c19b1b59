"""How unusual level, spread, slope, extremes and roughness of a window are, all together.

A squared Mahalanobis distance of robustly standardised features, after the idea of feature-based detection of Hyndman
et al. ("Large-Scale Unusual Time Series Detection", ICDM workshops 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.windows import cut, standardised, to_samples
from aiops.core.telemetry import FloatArray

CLIP = 20.0
"""Features are cut at this many interquartile ranges, so that one wild window does not decide the covariance."""

RIDGE = 0.01
"""Added to the covariance's diagonal: features of a steady series barely move."""

_SMALL = 1e-3


@dataclass(frozen=True, slots=True)
class FeatureModel:
    """What is usual: `median` and `spread` of each feature (6,), and the inverse `covariance` (6, 6) of them
    standardised."""

    median: FloatArray
    spread: FloatArray
    inverse: FloatArray

    @classmethod
    def fit(cls, values: FloatArray, width: int) -> FeatureModel:
        """Learn from standardised values (n,)."""
        found = _features(values, width)
        low, median, high = np.quantile(found, (0.25, 0.5, 0.75), axis=0)
        spread = high - low + 1e-6
        standard = np.clip((found - median) / spread, -CLIP, CLIP)
        covariance = np.atleast_2d(np.cov(standard.T, bias=True)) + RIDGE * np.eye(found.shape[1])
        return cls(median, spread, np.linalg.inv(covariance).astype(np.float64))

    def score(self, values: FloatArray, width: int) -> FloatArray:
        """Distance of each window: (k,)."""
        standard = np.clip((_features(values, width) - self.median) / self.spread, -CLIP, CLIP)
        return np.asarray(np.einsum("ij,jk,ik->i", standard, self.inverse, standard))


def features(values: FloatArray, width: int) -> FloatArray:
    """Scores of samples by the features of the windows that hold them."""
    standard = standardised(values)
    return to_samples(FeatureModel.fit(standard, width).score(standard, width), len(values), width)


def _features(values: FloatArray, width: int) -> FloatArray:
    windows = cut(values, width)
    ramp = np.linspace(-1.0, 1.0, width)
    return np.column_stack(
        (
            windows.mean(axis=1),
            np.log(windows.std(axis=1) + _SMALL),
            windows @ ramp / width,
            windows.max(axis=1),
            windows.min(axis=1),
            np.log(np.abs(np.diff(windows, axis=1)).mean(axis=1) + _SMALL),
        )
    )
