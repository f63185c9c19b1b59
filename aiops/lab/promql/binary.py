"""Binary operators between scalars and vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.matching import join, set_operation
from aiops.lab.promql.tree import Binary
from aiops.lab.promql.values import BoolArray, Scalar, Value, Vector, nameless

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

_KEEP_NAMES = frozenset({*COMPARISONS, "atan2"})
"""Operators whose results are called like the left side; atan2 in Prometheus 2.42 only, by an oversight."""


def binary(node: Binary, left: Scalar | Vector, right: Scalar | Vector) -> Value:
    """Apply an operator. Raises `PromqlError`."""
    op, as_bool = node.op, node.as_bool
    if isinstance(left, Vector) and isinstance(right, Vector):
        if op in ("and", "or", "unless"):
            return set_operation(op, left, right, node.matching)
        keeps_name = op in _KEEP_NAMES and not as_bool
        return join(left, right, node.matching, lambda a, b: _apply(op, a, b, as_bool), keeps_name=keeps_name)
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(_apply(op, left.values, right.values, as_bool=True)[0])
    return _with_scalar(op, left, right, as_bool)


def _with_scalar(op: str, left: Scalar | Vector, right: Scalar | Vector, as_bool: bool) -> Vector:
    vector = left if isinstance(left, Vector) else right
    assert isinstance(vector, Vector)
    if op in COMPARISONS and not as_bool:
        return Vector(vector.labels, vector.values, vector.present & COMPARISONS[op](left.values, right.values))
    values, _ = _apply(op, left.values, right.values, as_bool)
    if op in _KEEP_NAMES and not as_bool:
        return Vector(vector.labels, values, vector.present)
    return nameless(vector, values)


def _apply(op: str, left: FloatArray, right: FloatArray, as_bool: bool) -> tuple[FloatArray, BoolArray | None]:
    """Values and which of them stay (None: all); a comparison keeps the left values where it holds."""
    if op in ARITHMETIC:
        return ARITHMETIC[op](left, right), None
    holds = COMPARISONS[op](left, right)
    if as_bool:
        return holds.astype(np.float64), None
    return left, holds
