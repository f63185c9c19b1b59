"""Binary operators between scalars and vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.matching import join, set_operation
from aiops.lab.promql.values import BoolArray, PromqlError, Scalar, Value, Vector, nameless

ARITHMETIC: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "%": np.fmod,
    "atan2": np.arctan2,
}
COMPARISONS: dict[str, Callable[[FloatArray, FloatArray], BoolArray]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def binary(op: str, left: Scalar | Vector, right: Scalar | Vector, modifier: Any) -> Value:
    """Apply an operator. `modifier` is the syntax tree's (bool, on, ignoring, group), or None. Raises `PromqlError`."""
    as_bool = modifier is not None and modifier.return_bool
    if modifier is not None and (modifier.fill_values.lhs is not None or modifier.fill_values.rhs is not None):
        raise PromqlError("fill modifiers are not supported")
    if isinstance(left, Vector) and isinstance(right, Vector):
        if op in ("and", "or", "unless"):
            return set_operation(op, left, right, modifier)
        return join(
            left, right, modifier, lambda a, b: _apply(op, a, b, as_bool), keeps_name=op in COMPARISONS and not as_bool
        )
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(_apply(op, left.values, right.values, as_bool=True)[0])
    return _with_scalar(op, left, right, as_bool)


def _with_scalar(op: str, left: Scalar | Vector, right: Scalar | Vector, as_bool: bool) -> Vector:
    vector = left if isinstance(left, Vector) else right
    assert isinstance(vector, Vector)
    values, kept = _apply(op, left.values, right.values, as_bool)
    if op in COMPARISONS and not as_bool:
        return Vector(vector.labels, vector.values, vector.present & kept)
    return nameless(Vector(vector.labels, values, vector.present))


def _apply(op: str, left: FloatArray, right: FloatArray, as_bool: bool) -> tuple[FloatArray, BoolArray]:
    """Values and which of them stay; a comparison keeps the left values where it holds."""
    if op in ARITHMETIC:
        values = ARITHMETIC[op](left, right)
        return values, np.ones(values.shape, dtype=bool)
    if op not in COMPARISONS:
        raise PromqlError(f"operator {op} is not supported here")
    holds = COMPARISONS[op](left, right)
    if as_bool:
        return holds.astype(np.float64), np.ones(holds.shape, dtype=bool)
    return np.broadcast_to(left, holds.shape), holds
