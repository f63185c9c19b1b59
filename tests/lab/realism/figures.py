"""What telemetry looks like, in numbers that do not depend on its unit. Pure functions; NaN is a missing sample."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray

_TO_SIGMA = 1.4826
"""A normal distribution's standard deviation in units of its median absolute deviation."""

_TAIL = 0.1
"""The share of the largest deviations from which a tail is judged."""
_EQUAL = 1e-9
"""A mean log ratio under this is rounding: the largest distances are all the same."""

FLOOR = 0.01
"""A deviation smaller than this share of the median is nothing that anybody would call one."""


def missing(values: FloatArray) -> float:
    """The share of samples (n,) that are not there."""
    return float(np.isnan(values).mean()) if len(values) else 1.0


def is_constant(values: FloatArray) -> bool:
    """Whether every sample (n,) that is there has the same value."""
    there = values[~np.isnan(values)]
    return len(there) == 0 or bool(np.ptp(there) <= 1e-12 * max(abs(float(there[0])), 1e-300))


def variation(values: FloatArray) -> float:
    """Standard deviation over mean, of samples (n,)."""
    mean = float(np.nanmean(values))
    return float(np.nanstd(values)) / abs(mean) if mean else np.nan


def dispersion(counts: FloatArray) -> float:
    """Variance over mean of counts (n,): the Fano factor, 1 for a Poisson process."""
    mean = float(np.nanmean(counts))
    return float(np.nanvar(counts)) / mean if mean else np.nan


def autocorrelation(values: FloatArray, lag: int) -> float:
    """Of samples (n,) with those `lag` before, over the pairs of which both are there. NaN where it is not defined."""
    centred = values - np.nanmean(values)
    pairs = centred[lag:] * centred[:-lag]
    spread = float(np.nanvar(values))
    if spread <= 0 or np.isnan(pairs).all():
        return np.nan
    return float(np.nanmean(pairs)) / spread


def excess_kurtosis(values: FloatArray) -> float:
    """Fourth standardised moment less 3, of samples (n,): 0 for a normal distribution."""
    centred = values - np.nanmean(values)
    spread = float(np.nanvar(values))
    return float(np.nanmean(centred**4)) / spread**2 - 3.0 if spread > 0 else np.nan


def tail_index(values: FloatArray) -> float:
    """Hill's estimate over the largest tenth of the distances from the median; the smaller, the heavier the tail.

    Source: Hill, "A simple general approach to inference about the tail of a distribution", 1975.
    """
    distances = np.sort(np.abs(values - np.nanmedian(values)))
    distances = distances[~np.isnan(distances)]
    count = max(int(len(distances) * _TAIL), 2)
    if len(distances) <= count or distances[-count - 1] <= 0:
        return np.nan
    excess = float(np.log(distances[-count:] / distances[-count - 1]).mean())
    return 1.0 / excess if excess > _EQUAL else np.nan


def step(values: FloatArray) -> float:
    """The median change from one sample to the next, as a share of the median, of samples (n,)."""
    middle = abs(float(np.nanmedian(values)))
    changes = np.abs(np.diff(values))
    if not middle or np.isnan(changes).all():
        return np.nan
    return float(np.nanmedian(changes)) / middle


def robust_z(values: FloatArray, normal: FloatArray) -> FloatArray:
    """How far samples (n,) are from the median of normal ones (m,), in robust standard deviations of these. NaN where
    nothing is known of either."""
    if np.isnan(normal).all():
        return np.full(len(values), np.nan)
    middle = float(np.nanmedian(normal))
    spread = _TO_SIGMA * float(np.nanmedian(np.abs(normal - middle)))
    found: FloatArray = (values - middle) / max(spread, FLOOR * abs(middle), 1e-9)
    return found


def times(values: FloatArray, normal: FloatArray) -> float:
    """By how many times the median of samples (n,) is above or below that of normal ones (m,): at least 1."""
    usual, now = abs(float(np.nanmedian(normal))), abs(float(np.nanmedian(values)))
    return max(now / usual, usual / now) if usual and now else np.nan


def moved(values: FloatArray, normal: FloatArray, bound: float = 5.0) -> bool:
    """Whether the median of samples (n,) is further than `bound` from normal ones (m,)."""
    distances = robust_z(values, normal)
    return not np.isnan(distances).all() and abs(float(np.nanmedian(distances))) > bound


def first_moved(values: FloatArray, normal: FloatArray, bound: float = 5.0) -> float:
    """The number of the first of the samples (n,) that is further than `bound` from normal ones (m,); NaN: none is."""
    far = np.abs(robust_z(values, normal)) > bound
    return float(far.argmax()) if far.any() else np.nan
