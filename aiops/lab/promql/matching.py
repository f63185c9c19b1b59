"""Vector matching: which series of two vectors belong together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import promql_parser as ast

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import (
    BoolArray,
    IntArray,
    PromqlError,
    Vector,
    drop,
    empty,
    keep,
    merged,
    stacked,
    without_name,
)
from aiops.lab.tsdb import Labels, labels_of

Operator = Callable[[FloatArray, FloatArray], tuple[FloatArray, BoolArray]]
"""(left, right) -> values and which of them stay."""


def _signatures(vector: Vector, modifier: Any) -> list[Labels]:
    """What must be equal for two series to match."""
    matching = modifier.matching if modifier is not None else None
    if matching is None:
        return [without_name(labels) for labels in vector.labels]
    names = frozenset(matching.labels)
    select = keep if matching.type == ast.LabelModifierType.Include else drop
    return [select(labels, names) for labels in vector.labels]


def set_operation(op: str, left: Vector, right: Vector, modifier: Any) -> Vector:
    """`and`, `or`, `unless`, step by step."""
    steps = left.values.shape[1]
    left_keys, right_keys = _signatures(left, modifier), _signatures(right, modifier)
    if op == "or":
        taken = _presence(left_keys, left.present)
        others = _lookup(taken, right_keys, steps)
        extra = Vector(right.labels, right.values, right.present & ~others)
        return merged(stacked([Vector(left.labels, left.values, left.present), extra], steps))
    matched = _lookup(_presence(right_keys, right.present), left_keys, steps)
    return Vector(left.labels, left.values, left.present & (matched if op == "and" else ~matched))


def _presence(keys: list[Labels], present: BoolArray) -> dict[Labels, BoolArray]:
    found: dict[Labels, BoolArray] = {}
    for key, row in zip(keys, present, strict=True):
        found[key] = found[key] | row if key in found else row
    return found


def _lookup(presence: dict[Labels, BoolArray], keys: list[Labels], steps: int) -> BoolArray:
    nowhere = np.zeros(steps, dtype=bool)
    return np.array([presence.get(key, nowhere) for key in keys], dtype=bool).reshape(len(keys), steps)


def join(left: Vector, right: Vector, modifier: Any, operator: Operator, *, keeps_name: bool) -> Vector:
    """Match series one to one, or many to one where the modifier groups. Raises `PromqlError` on ambiguity."""
    swapped = modifier is not None and modifier.card == ast.VectorMatchCardinality.OneToMany
    grouped = swapped or (modifier is not None and modifier.card == ast.VectorMatchCardinality.ManyToOne)
    many, one = (right, left) if swapped else (left, right)
    keys, one_keys = _signatures(many, modifier), _signatures(one, modifier)
    side = "left" if swapped else "right"
    _check_unique(one_keys, one.present, f"found duplicate series for the match group {{}} on the {side} hand-side")
    rows, partners = _pairs(keys, one_keys)
    if not len(rows):
        return empty(left.values.shape[1])
    sides = (one.values[partners], many.values[rows]) if swapped else (many.values[rows], one.values[partners])
    values, stays = operator(*sides)
    present = many.present[rows] & one.present[partners] & stays
    labels = [
        _result_labels(many.labels[row], one.labels[partner], modifier, grouped, keeps_name)
        for row, partner in zip(rows.tolist(), partners.tolist(), strict=True)
    ]
    names = labels if grouped else [keys[row] for row in rows]
    problem = (
        "grouping labels must ensure unique matches"
        if grouped
        else ("many-to-one matching must be explicit (group_left/group_right)")
    )
    _check_unique(names, present, f"multiple matches for labels: {problem}")
    return merged(Vector(labels, values, present))


def _pairs(keys: list[Labels], one_keys: list[Labels]) -> tuple[IntArray, IntArray]:
    """Row numbers of every two series with equal signatures."""
    rows_of: dict[Labels, list[int]] = {}
    for row, key in enumerate(one_keys):
        rows_of.setdefault(key, []).append(row)
    pairs = [(row, partner) for row, key in enumerate(keys) for partner in rows_of.get(key, ())]
    array = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return array[:, 0], array[:, 1]


def _check_unique(keys: list[Labels], present: BoolArray, message: str) -> None:
    """Raise where two rows of one key have a sample at the same step. `{}` in the message names the key."""
    seen: dict[Labels, BoolArray] = {}
    for key, row in zip(keys, present, strict=True):
        if key in seen and (seen[key] & row).any():
            raise PromqlError(message.replace("{}", str(dict(key))))
        seen[key] = seen[key] | row if key in seen else row


def _result_labels(many: Labels, one: Labels, modifier: Any, grouped: bool, keeps_name: bool) -> Labels:
    labels = dict(many if keeps_name else without_name(many))
    matching = modifier.matching if modifier is not None else None
    if matching is not None and not grouped:
        include = matching.type == ast.LabelModifierType.Include
        labels = {name: value for name, value in labels.items() if (name in matching.labels) == include}
    for name in (modifier.group_labels or ()) if grouped else ():
        labels[name] = dict(one).get(name, "")
    return labels_of(labels)
