"""The functions of PromQL by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.calendar import CALENDAR
from aiops.lab.promql.histogram import histogram_quantile
from aiops.lab.promql.label_functions import label_join, label_replace
from aiops.lab.promql.over_time import OVER_TIME, over_time
from aiops.lab.promql.rates import RATES, rate
from aiops.lab.promql.values import ALONE, IntArray, Scalar, Text, Value, Vector, Windows, empty, nameless

Function = Callable[[IntArray, list[Value]], Vector | Scalar]
"""(steps in ms, arguments, whose types the parser has checked) -> value."""

_MATH: dict[str, Callable[[FloatArray], FloatArray]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": np.degrees,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": np.radians,
    "sgn": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}


def vector_of(arguments: list[Value], index: int = 0) -> Vector:
    """The instant vector among the arguments."""
    value = arguments[index]
    assert isinstance(value, Vector)
    return value


def scalar_of(arguments: list[Value], index: int) -> FloatArray:
    """The numbers of a scalar argument, one a step."""
    value = arguments[index]
    assert isinstance(value, Scalar)
    return value.values


def _text_of(value: Value) -> str:
    assert isinstance(value, Text)
    return value.value


def _windows_of(arguments: list[Value]) -> Windows:
    return next(value for value in arguments if isinstance(value, Windows))


def _elementwise(function: Callable[[FloatArray], FloatArray]) -> Function:
    def apply(_steps: IntArray, arguments: list[Value]) -> Vector:
        vector = vector_of(arguments)
        return nameless(vector, function(vector.values))

    return apply


def _calendar(name: str) -> Function:
    def apply(steps: IntArray, arguments: list[Value]) -> Vector:
        vector = vector_of(arguments) if arguments else _vector(steps, [_time(steps, [])])
        return nameless(vector, CALENDAR[name](vector.values))

    return apply


def _windowed(name: str) -> Function:
    def apply(steps: IntArray, arguments: list[Value]) -> Vector:
        params = [value.values for value in arguments if isinstance(value, Scalar)]
        return over_time(name, _windows_of(arguments), steps, params)

    return apply


def _rate(name: str) -> Function:
    return lambda _steps, arguments: rate(name, _windows_of(arguments))


def _larger(left: FloatArray, right: FloatArray) -> FloatArray:
    """As in Go, infinity is larger than NaN."""
    return np.where(np.isposinf(left) | np.isposinf(right), np.inf, np.maximum(left, right))


def _smaller(left: FloatArray, right: FloatArray) -> FloatArray:
    return -_larger(-left, -right)


def _clamp(_steps: IntArray, arguments: list[Value]) -> Vector:
    vector, low, high = vector_of(arguments), scalar_of(arguments, 1), scalar_of(arguments, 2)
    values = _larger(low, _smaller(high, vector.values))
    return nameless(Vector(vector.labels, values, vector.present & ~(low > high)))


def _clamp_min(_steps: IntArray, arguments: list[Value]) -> Vector:
    vector = vector_of(arguments)
    return nameless(vector, _larger(scalar_of(arguments, 1), vector.values))


def _clamp_max(_steps: IntArray, arguments: list[Value]) -> Vector:
    vector = vector_of(arguments)
    return nameless(vector, _smaller(scalar_of(arguments, 1), vector.values))


def _round(steps: IntArray, arguments: list[Value]) -> Vector:
    vector = vector_of(arguments)
    inverse = 1.0 / (scalar_of(arguments, 1) if len(arguments) > 1 else np.ones(len(steps)))
    return nameless(vector, np.floor(vector.values * inverse + 0.5) / inverse)


def _scalar(_steps: IntArray, arguments: list[Value]) -> Scalar:
    vector = vector_of(arguments)
    alone = vector.present.sum(axis=0) == 1
    return Scalar(np.where(alone, np.where(vector.present, vector.values, 0.0).sum(axis=0), np.nan))


def _vector(_steps: IntArray, arguments: list[Value]) -> Vector:
    values = scalar_of(arguments, 0)[None, :]
    return Vector(ALONE, values, np.ones(values.shape, dtype=bool))


def _time(steps: IntArray, _arguments: list[Value]) -> Scalar:
    return Scalar(steps / 1000)


def _pi(steps: IntArray, _arguments: list[Value]) -> Scalar:
    return Scalar(np.full(len(steps), np.pi))


def _timestamp(steps: IntArray, arguments: list[Value]) -> Vector:
    """What is computed is as old as its step; of a selector the evaluation gives the samples' own times."""
    vector = vector_of(arguments)
    return nameless(vector, np.broadcast_to(steps / 1000, vector.values.shape))


def _of_native_histograms(steps: IntArray, _arguments: list[Value]) -> Vector:
    """Of which the lab has none; other series give nothing."""
    return empty(len(steps))


def _sorted(sign: float) -> Function:
    """By the value at the first step (in a range query the order means nothing); NaN last."""

    def apply(_steps: IntArray, arguments: list[Value]) -> Vector:
        vector = vector_of(arguments)
        order = np.argsort(sign * vector.values[:, 0], kind="stable")
        return Vector(vector.labels.take(order), vector.values[order], vector.present[order])

    return apply


def _histogram_quantile(_steps: IntArray, arguments: list[Value]) -> Vector:
    return histogram_quantile(scalar_of(arguments, 0), vector_of(arguments, 1))


def _label_replace(_steps: IntArray, arguments: list[Value]) -> Vector:
    return label_replace(vector_of(arguments), *[_text_of(value) for value in arguments[1:]])


def _label_join(_steps: IntArray, arguments: list[Value]) -> Vector:
    return label_join(vector_of(arguments), *[_text_of(value) for value in arguments[1:]])


FUNCTIONS: dict[str, Function] = {
    **{name: _elementwise(function) for name, function in _MATH.items()},
    **{name: _calendar(name) for name in CALENDAR},
    **{name: _windowed(name) for name in OVER_TIME},
    **{name: _rate(name) for name in RATES},
    "clamp": _clamp,
    "clamp_max": _clamp_max,
    "clamp_min": _clamp_min,
    "histogram_count": _of_native_histograms,
    "histogram_fraction": _of_native_histograms,
    "histogram_quantile": _histogram_quantile,
    "histogram_sum": _of_native_histograms,
    "label_join": _label_join,
    "label_replace": _label_replace,
    "pi": _pi,
    "round": _round,
    "scalar": _scalar,
    "sort": _sorted(1.0),
    "sort_desc": _sorted(-1.0),
    "time": _time,
    "timestamp": _timestamp,
    "vector": _vector,
}
