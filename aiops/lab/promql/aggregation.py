"""Aggregation operators: sum, avg, topk, quantile, ... by or without labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.formatting import format_float
from aiops.lab.promql.quantiles import column_quantile
from aiops.lab.promql.tree import Aggregation
from aiops.lab.promql.values import BoolArray, IntArray, PromqlError, Scalar, Text, Value, Vector, drop, empty, keep
from aiops.lab.tsdb import Labels, LabelSets, labels_of

T = TypeVar("T", bound=np.generic)

Reducer = Callable[[FloatArray, BoolArray, IntArray], FloatArray]
"""(values, present, start row of each group), rows in group order -> (groups, steps)."""

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class _Groups:
    """The rows of a vector group by group: `order` (None: as they are), and where each group starts. `places` of the
    groups, and the one of each row."""

    labels: LabelSets
    order: IntArray | None
    starts: IntArray
    places: dict[Labels, int]
    group_of: IntArray

    def sorted(self, values: npt.NDArray[T]) -> npt.NDArray[T]:
        return values if self.order is None else values[self.order]


def aggregate(node: Aggregation, vector: Vector, param: Value | None) -> Value:
    """Apply an aggregation. Raises `PromqlError`."""
    op, names = node.op, node.names
    if op == "count_values":
        assert isinstance(param, Text)
        vector = _by_value(vector, param.value)
        names, op = (names if node.without else names | {param.value}), "count"
    limit = _limit(_number(param)) if op in ("topk", "bottomk") else None
    if not len(vector.labels):
        return empty(vector.values.shape[1])
    groups = _groups(vector.labels, names, node.without)
    if limit is not None:
        return _ranked(vector, groups, limit, largest=op == "topk")
    values, present = groups.sorted(vector.values), groups.sorted(vector.present)
    any_present = np.logical_or.reduceat(present, groups.starts, axis=0)
    if op == "quantile":
        return Vector(groups.labels, _quantiles(_number(param), values, present, groups.starts), any_present)
    return Vector(groups.labels, _REDUCERS[op](values, present, groups.starts), any_present)


def _groups(labels: LabelSets, names: frozenset[str], without: bool) -> _Groups:
    select = drop if without else keep

    def gather(before: _Groups | None, more: Sequence[Labels]) -> _Groups:
        places = before.places.copy() if before else {}
        known = len(places)
        group_of = np.array([places.setdefault(select(own, names), len(places)) for own in more], dtype=np.int64)
        if before:
            group_of = np.concatenate([before.group_of, group_of])
        order = np.argsort(group_of, kind="stable")
        starts = np.searchsorted(group_of[order], np.arange(len(places)))
        in_order = bool((order[1:] > order[:-1]).all())
        shown = before.labels.grown(list(islice(places, known, None))) if before else LabelSets(list(places))
        return _Groups(shown, None if in_order else order, starts, places, group_of)

    return labels.gathered(("groups", names, without), gather)


def _number(param: Value | None) -> FloatArray:
    assert isinstance(param, Scalar)
    return param.values


def _limit(numbers: FloatArray) -> IntArray:
    """How many to keep at each step."""
    wrong = ~(np.abs(numbers) < 2**63)
    if wrong.any():
        raise PromqlError(f"Scalar value {_scientific(float(numbers[np.argmax(wrong)]))} overflows int64")
    return numbers.astype(np.int64)


def _scientific(value: float) -> str:
    """As Go's %v writes it."""
    text = format_float(value) if not np.isfinite(value) or abs(value) < 1e21 else repr(value)
    return text.replace(".0e", "e")


def _count(_values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.add.reduceat(present, starts, axis=0, dtype=np.float64)


def _sum(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.add.reduceat(np.where(present, values, 0.0), starts, axis=0)


def _avg(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    """Where the sum is too large for a number, the mean may still be one."""
    count = _count(values, present, starts)
    mean = _sum(values, present, starts) / count
    if np.isinf(mean).any():
        shares = values / np.repeat(count, np.diff(np.append(starts, len(values))), axis=0)
        mean = np.where(np.isinf(mean), _sum(shares, present, starts), mean)
    return mean


def _min(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.fmin.reduceat(np.where(present, values, np.nan), starts, axis=0)


def _max(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.fmax.reduceat(np.where(present, values, np.nan), starts, axis=0)


def _stdvar(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    """The first sample is the mean to begin with, so one that is alone deviates by 0, be it infinite."""
    sizes = np.diff(np.append(starts, len(values)))
    mean = np.repeat(_avg(values, present, starts), sizes, axis=0)
    variance = _avg((values - mean) ** 2, present, starts)
    return np.where(_count(values, present, starts) == 1, 0.0, variance)


def _stddev(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.sqrt(_stdvar(values, present, starts))


def _group(_values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.ones((len(starts), present.shape[1]))


_REDUCERS: dict[str, Reducer] = {
    "sum": _sum,
    "avg": _avg,
    "min": _min,
    "max": _max,
    "count": _count,
    "stddev": _stddev,
    "stdvar": _stdvar,
    "group": _group,
}

AGGREGATIONS = frozenset({*_REDUCERS, "topk", "bottomk", "quantile", "count_values"})
"""The names of the operators."""


def _quantiles(q: FloatArray, values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    ends = np.append(starts[1:], len(values))
    parts = [column_quantile(q, values[a:b], present[a:b]) for a, b in zip(starts, ends, strict=True)]
    return np.stack(parts)


def _ranked(vector: Vector, groups: _Groups, limit: IntArray, *, largest: bool) -> Vector:
    """Keep the `limit` largest (or smallest) of each group at each step; best first at the first step. NaN is last."""
    kept = np.zeros(vector.present.shape, dtype=bool)
    listed: list[int] = []
    keys = -vector.values if largest else vector.values
    order = np.arange(len(vector.labels)) if groups.order is None else groups.order
    for rows in np.split(order, groups.starts[1:]):
        ranking = np.lexsort((keys[rows], ~vector.present[rows]), axis=0)
        rank = np.empty_like(ranking)
        np.put_along_axis(rank, ranking, np.arange(len(rows))[:, None], axis=0)
        kept[rows] = vector.present[rows] & (rank < limit)
        listed.extend(rows[ranking[:, 0]].tolist())
    chosen = np.array([row for row in listed if kept[row].any()], dtype=np.int64)
    return Vector(vector.labels.take(chosen), vector.values[chosen], kept[chosen])


def _by_value(vector: Vector, label: str) -> Vector:
    """A series for each value that a series takes, carrying the value as a label."""
    if not _LABEL.fullmatch(label):
        raise PromqlError(f'invalid label name "{label}"')
    labels: list[Labels] = []
    rows: list[int] = []
    present: list[BoolArray] = []
    for row, own in enumerate(vector.labels):
        texts = np.array([format_float(value) for value in vector.values[row].tolist()])
        for text in sorted(set(texts[vector.present[row]].tolist())):
            labels.append(labels_of({**dict(own), label: text}))
            rows.append(row)
            present.append(vector.present[row] & (texts == text))
    if not rows:
        return empty(vector.values.shape[1])
    return Vector(LabelSets(labels), vector.values[rows], np.stack(present))
