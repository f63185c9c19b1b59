"""State that lives as long as what it belongs to, while the arrays around it are laid out anew."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.graph import IntArray


def carried(known: Mapping[Hashable, int], keys: Sequence[Hashable], values: FloatArray, fresh: float) -> FloatArray:
    """The rows (last axis) of `values` for `keys`, by the rows that they had; `fresh` for those that are new."""
    taken = np.array([known.get(key, -1) for key in keys], dtype=np.int64)
    padding = np.full((*values.shape[:-1], 1), fresh)
    return np.concatenate([values, padding], axis=-1)[..., taken]


def row(values: FloatArray, number: int) -> FloatArray:
    """One row of several, as a view."""
    found: FloatArray = values[number]
    return found


def rows_of(keys: Sequence[Hashable]) -> dict[Hashable, int]:
    return {key: row for row, key in enumerate(keys)}


def summed(rows: IntArray, weights: FloatArray, count: int) -> FloatArray:
    """The sum of the weights of each row, (count,)."""
    return np.bincount(rows, weights=weights, minlength=count).astype(np.float64, copy=False)
