"""Quantiles as Prometheus computes them, of samples and of histogram buckets."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import BoolArray


def column_quantile(q: FloatArray, values: FloatArray, present: BoolArray) -> FloatArray:
    """The q-quantile of each column by linear interpolation: `q` (m,), `values` and `present` (n, m) -> (m,).

    NaN sorts first; q below 0 gives -Inf, above 1 +Inf, NaN or no value NaN.
    """
    count = present.sum(axis=0)
    number = ~np.isnan(values)
    ordered = np.take_along_axis(values, np.lexsort((values, number, ~present), axis=0), axis=0)
    usable = np.isfinite(q) & (q >= 0) & (q <= 1) & (count > 0)
    rank = np.where(usable, q, 0.0) * np.maximum(count - 1, 0)
    low = np.floor(rank).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    weight = rank - low
    column = np.arange(len(q))
    result = ordered[low, column] * (1 - weight) + ordered[high, column] * weight
    result = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, result))
    return np.where(np.isnan(q) | (count == 0), np.nan, result)


def bucket_quantile(q: FloatArray, bounds: FloatArray, counts: FloatArray) -> FloatArray:
    """The q-quantile of cumulative histograms: `q` (m,), upper `bounds` (k,) rising, `counts` (k, m) -> (m,).

    Linear inside a bucket; the lowest bucket starts at 0 where its bound is positive. NaN without an +Inf bucket,
    with one bucket only or without observations.
    """
    columns = counts.shape[1]
    bounds, first = np.unique(bounds, return_index=True)
    counts = np.maximum.accumulate(np.add.reduceat(counts, first, axis=0), axis=0)
    if len(bounds) < 2 or not np.isposinf(bounds[-1]):
        return np.where(q < 0, -np.inf, np.where(q > 1, np.inf, np.full(columns, np.nan)))
    rank = q * counts[-1]
    bucket = np.minimum((counts[:-1] < rank).sum(axis=0), len(bounds) - 1)
    column = np.arange(columns)
    below = np.where(bucket > 0, counts[bucket - 1, column], 0.0)
    start = np.where(bucket > 0, bounds[bucket - 1], 0.0)
    inside = start + (bounds[bucket] - start) * ((rank - below) / (counts[bucket, column] - below))
    inside = np.where((bucket == 0) & (bounds[0] <= 0), bounds[0], inside)
    inside = np.where(bucket == len(bounds) - 1, bounds[-2], inside)
    inside = np.where((counts[-1] == 0) | np.isnan(q), np.nan, inside)
    return np.where(q < 0, -np.inf, np.where(q > 1, np.inf, inside))
