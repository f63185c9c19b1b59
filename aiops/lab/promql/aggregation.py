"""Aggregation operators: sum, avg, topk, quantile, ... by or without labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import promql_parser as ast

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.formatting import format_float
from aiops.lab.promql.quantiles import column_quantile
from aiops.lab.promql.values import BoolArray, IntArray, PromqlError, Scalar, Text, Value, Vector, drop, empty, keep
from aiops.lab.tsdb import Labels, labels_of

Reducer = Callable[[FloatArray, BoolArray, IntArray], FloatArray]
"""(values, present, start row of each group), rows in group order -> (groups, steps)."""


def aggregate(op: str, vector: Vector, param: Value | None, modifier: Any) -> Value:
    """Apply an aggregation. `modifier` is the syntax tree's by or without clause. Raises `PromqlError`."""
    names = frozenset(modifier.labels) if modifier is not None else frozenset()
    without = modifier is not None and modifier.type == ast.AggModifierType.Without
    if op == "count_values":
        if not isinstance(param, Text):
            raise PromqlError("count_values needs a label name")
        vector = _by_value(vector, param.value)
        names, op = (names if without else names | {param.value}), "count"
    if not vector.labels:
        return empty(vector.values.shape[1])
    groups: dict[Labels, int] = {}
    keys = [drop(labels, names) if without else keep(labels, names) for labels in vector.labels]
    group_of = np.array([groups.setdefault(key, len(groups)) for key in keys])
    order = np.argsort(group_of, kind="stable")
    starts = np.searchsorted(group_of[order], np.arange(len(groups)))
    values, present = vector.values[order], vector.present[order]
    any_present = np.logical_or.reduceat(present, starts, axis=0)
    if op in ("topk", "bottomk"):
        return _ranked(vector, order, starts, _number(op, param), largest=op == "topk")
    if op == "quantile":
        return Vector(list(groups), _quantiles(_number(op, param), values, present, starts), any_present)
    reducer = _REDUCERS.get(op)
    if reducer is None:
        raise PromqlError(f"aggregation {op} is not supported")
    return Vector(list(groups), reducer(values, present, starts), any_present)


def _number(op: str, param: Value | None) -> FloatArray:
    if not isinstance(param, Scalar):
        raise PromqlError(f"{op} needs a number as its first argument")
    return param.values


def _count(_values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.add.reduceat(present.astype(np.float64), starts, axis=0)


def _sum(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.add.reduceat(np.where(present, values, 0.0), starts, axis=0)


def _avg(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return _sum(values, present, starts) / _count(values, present, starts)


def _min(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.fmin.reduceat(np.where(present, values, np.nan), starts, axis=0)


def _max(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    return np.fmax.reduceat(np.where(present, values, np.nan), starts, axis=0)


def _stdvar(values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    sizes = np.diff(np.append(starts, len(values)))
    mean = np.repeat(_avg(values, present, starts), sizes, axis=0)
    return _avg((values - mean) ** 2, present, starts)


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


def _quantiles(q: FloatArray, values: FloatArray, present: BoolArray, starts: IntArray) -> FloatArray:
    ends = np.append(starts[1:], len(values))
    parts = [column_quantile(q, values[a:b], present[a:b]) for a, b in zip(starts, ends, strict=True)]
    return np.stack(parts)


def _ranked(vector: Vector, order: IntArray, starts: IntArray, count: FloatArray, *, largest: bool) -> Vector:
    """Keep the `count` largest (or smallest) of each group at each step; best first at the first step. NaN is last."""
    kept = np.zeros(vector.present.shape, dtype=bool)
    listed: list[int] = []
    keys = -vector.values if largest else vector.values
    limit = np.trunc(np.nan_to_num(count, nan=0.0))
    for rows in np.split(order, starts[1:]):
        ranking = np.lexsort((keys[rows], ~vector.present[rows]), axis=0)
        rank = np.empty_like(ranking)
        np.put_along_axis(rank, ranking, np.arange(len(rows))[:, None], axis=0)
        kept[rows] = vector.present[rows] & (rank < limit)
        listed.extend(rows[ranking[:, 0]].tolist())
    chosen = [row for row in listed if kept[row].any()]
    return Vector([vector.labels[row] for row in chosen], vector.values[chosen], kept[chosen])


def _by_value(vector: Vector, label: str) -> Vector:
    """A series for each value that a series takes, carrying the value as a label."""
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
    return Vector(labels, vector.values[rows], np.stack(present))
