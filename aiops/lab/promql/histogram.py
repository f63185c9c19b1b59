"""histogram_quantile over classic buckets."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.quantiles import bucket_quantile
from aiops.lab.promql.values import BoolArray, Vector, drop, empty
from aiops.lab.tsdb import Labels

_LE = frozenset({"le"})


def histogram_quantile(q: FloatArray, vector: Vector) -> Vector:
    """One series for each set of buckets (equal labels but `le`); series without a readable `le` are left out."""
    groups: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(vector.labels):
        bound = _bound(labels)
        if bound is not None:
            groups.setdefault(drop(labels, _LE), []).append((bound, row))
    if not groups:
        return empty(len(q))
    values, present = [], []
    for buckets in groups.values():
        buckets.sort()
        rows = [row for _, row in buckets]
        bounds = np.array([bound for bound, _ in buckets])
        values.append(_quantile(q, bounds, vector.values[rows], vector.present[rows]))
        present.append(vector.present[rows].any(axis=0))
    return Vector(list(groups), np.stack(values), np.stack(present))


def _bound(labels: Labels) -> float | None:
    for name, value in labels:
        if name == "le":
            try:
                return float(value)
            except ValueError:
                return None
    return None


def _quantile(q: FloatArray, bounds: FloatArray, counts: FloatArray, present: BoolArray) -> FloatArray:
    """Steps at which the same buckets are present are computed together."""
    if present.all():
        return bucket_quantile(q, bounds, counts)
    result = np.full(len(q), np.nan)
    patterns, pattern_of = np.unique(present, axis=1, return_inverse=True)
    for index, pattern in enumerate(patterns.T):
        steps = np.flatnonzero(pattern_of.ravel() == index)
        if pattern.any():
            result[steps] = bucket_quantile(q[steps], bounds[pattern], counts[np.ix_(pattern, steps)])
    return result
