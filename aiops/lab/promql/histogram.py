"""histogram_quantile over classic buckets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.quantiles import bucket_quantile
from aiops.lab.promql.values import BoolArray, Vector, drop, empty
from aiops.lab.tsdb import Labels, LabelSets

_LE = frozenset({"le"})


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Equal labels but `le`: the rows of a vector, by rising bounds."""

    bounds: FloatArray
    rows: list[int]


def histogram_quantile(q: FloatArray, vector: Vector) -> Vector:
    """One series for each set of buckets (equal labels but `le`); series without a readable `le` are left out."""
    labels, histograms = vector.labels.remember("buckets", lambda: _histograms(vector.labels))
    if not histograms:
        return empty(len(q))
    counts = [(one.bounds, vector.values[one.rows], vector.present[one.rows]) for one in histograms]
    values = np.stack([_quantile(q, bounds, numbers, present) for bounds, numbers, present in counts])
    return Vector(labels, values, np.stack([present.any(axis=0) for _, _, present in counts]))


def _histograms(label_sets: LabelSets) -> tuple[LabelSets, list[_Buckets]]:
    groups: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(label_sets):
        bound = _bound(labels)
        if bound is not None:
            groups.setdefault(drop(labels, _LE), []).append((bound, row))
    found = []
    for buckets in groups.values():
        buckets.sort()
        found.append(_Buckets(np.array([bound for bound, _ in buckets]), [row for _, row in buckets]))
    return LabelSets(list(groups)), found


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
