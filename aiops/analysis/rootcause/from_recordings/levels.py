"""Robust levels of many series at once: columns of a matrix with gaps (NaN)."""

from __future__ import annotations

import numpy as np

from aiops.analysis.anomaly.deviation import NORMAL_IQR
from aiops.core.telemetry import FloatArray


def column_quantiles(values: FloatArray, shares: tuple[float, ...]) -> tuple[FloatArray, ...]:
    """The quantiles of each column of (n, k) without its NaN, linearly between samples; NaN for an empty column.

    One sort instead of numpy's `nanquantile`, which goes through the columns one by one when there are gaps.
    """
    if not len(values):
        return tuple(np.full(values.shape[1], np.nan) for _ in shares)
    ordered = np.sort(values, axis=0)
    counts = np.sum(~np.isnan(ordered), axis=0)
    columns = np.arange(values.shape[1])
    found = []
    for share in shares:
        position = share * np.maximum(counts - 1, 0)
        low = np.floor(position).astype(int)
        high = np.minimum(low + 1, np.maximum(counts - 1, 0))
        below, above = ordered[low, columns], ordered[high, columns]
        found.append(below + (above - below) * (position - low))
    return tuple(found)


def levels(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(median, robust standard deviation) of each column of (n, k): both (k,), NaN for an empty column."""
    low, median, high = column_quantiles(values, (0.25, 0.5, 0.75))
    return median, (high - low) / NORMAL_IQR


def mean_rows(values: FloatArray, weights: FloatArray) -> FloatArray:
    """The mean of each column of (n, k) with `weights` (n,) for the rows, without its NaN; NaN for an empty column."""
    known = ~np.isnan(values)
    total = weights @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((weights @ np.where(known, values, 0.0)) / total, dtype=float)


def block_means(values: FloatArray, length: int) -> FloatArray:
    """Means of disjoint blocks of `length` rows of (n, k), without NaN: (n // length, k), the last rows whole."""
    count = len(values) // length
    if not count:
        return np.empty((0, values.shape[1]))
    blocks = values[len(values) - count * length :].reshape(count, length, -1)
    known = ~np.isnan(blocks)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, blocks, 0.0).sum(axis=1) / known.sum(axis=1), dtype=float)
