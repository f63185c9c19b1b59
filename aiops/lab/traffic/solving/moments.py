"""Latency distributions by two moments: lognormal, on arrays."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray

_MIN_VARIATION, _MAX_VARIATION = 0.01, 25.0


def normal_cdf(z: FloatArray) -> FloatArray:
    """The standard normal distribution function, any shape; error below 3e-4.

    Method: E. Page, "Approximations to the cumulative normal function", Applied Statistics 26 (1977)."""
    cdf: FloatArray = 0.5 + 0.5 * np.tanh(0.7978845608 * (z + 0.044715 * z * z * z))
    return cdf


def lognormal(mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(mu, sigma) of lognormal distributions with these means and variances (seconds, seconds squared), same shape."""
    mean = np.maximum(mean, 1e-7)
    variation = np.minimum(np.maximum(variance / (mean * mean), _MIN_VARIATION), _MAX_VARIATION)
    sigma2 = np.log1p(variation)
    return np.log(mean) - 0.5 * sigma2, np.sqrt(sigma2)


def shares_below(log_bounds: FloatArray, mu: FloatArray, sigma: FloatArray) -> FloatArray:
    """Share of each distribution (n,) below each bound (k,), given as logarithms: shape (n, k)."""
    return normal_cdf((log_bounds[None, :] - mu[:, None]) / sigma[:, None])
