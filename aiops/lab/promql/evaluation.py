"""Walks a syntax tree and evaluates every node at all steps of a query at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import promql_parser as ast

from aiops.lab.promql.aggregation import aggregate
from aiops.lab.promql.binary import binary
from aiops.lab.promql.functions import FUNCTIONS
from aiops.lab.promql.selectors import Moments, instant_selector, range_selector
from aiops.lab.promql.values import (
    Frame,
    IntArray,
    PromqlError,
    Scalar,
    Text,
    Value,
    Vector,
    Windows,
    merged,
    nameless,
    without_name,
)
from aiops.lab.tsdb import Labels, TimeSeriesStore, labels_of

Node = Any
"""A node of `promql_parser`'s syntax tree."""


class Evaluation:
    """One query at its `steps` (milliseconds, rising)."""

    def __init__(self, store: TimeSeriesStore, steps: IntArray, lookback: int, default_step: int) -> None:
        self.steps = steps
        self._store = store
        self._lookback = lookback
        self._default_step = default_step
        self._moments = Moments(int(steps[0]), int(steps[-1]))

    def evaluate(self, node: Node) -> Value:
        """The value of a node. Raises `PromqlError` where this engine cannot evaluate it."""
        evaluate = _NODES.get(type(node))
        if evaluate is None:
            raise PromqlError(f"not supported: {type(node).__name__}")
        return evaluate(self, node)

    def _inner(self, steps: IntArray) -> Evaluation:
        """The same query at other steps: start() and end() keep their meaning."""
        inner = Evaluation(self._store, steps, self._lookback, self._default_step)
        inner._moments = self._moments
        return inner

    def _number(self, node: Node) -> Value:
        return Scalar(np.full(len(self.steps), node.val))

    def _string(self, node: Node) -> Value:
        return Text(node.val)

    def _paren(self, node: Node) -> Value:
        return self.evaluate(node.expr)

    def _unary(self, node: Node) -> Value:
        value = self.evaluate(node.expr)
        if isinstance(value, Scalar):
            return Scalar(-value.values)
        if not isinstance(value, Vector):
            raise PromqlError("unary expression only allowed on expressions of type scalar or instant vector")
        return nameless(replace(value, values=-value.values))

    def _binary(self, node: Node) -> Value:
        left, right = self.evaluate(node.lhs), self.evaluate(node.rhs)
        if not isinstance(left, Scalar | Vector) or not isinstance(right, Scalar | Vector):
            raise PromqlError("binary expression must contain only scalar and instant vector types")
        return binary(str(node.op), left, right, node.modifier)

    def _aggregate(self, node: Node) -> Value:
        vector = self.evaluate(node.expr)
        if not isinstance(vector, Vector):
            raise PromqlError(f"expected type instant vector in aggregation expression {node.op}")
        param = None if node.param is None else self.evaluate(node.param)
        return aggregate(str(node.op), vector, param, node.modifier)

    def _call(self, node: Node) -> Value:
        name = node.func.name
        if name in ("absent", "absent_over_time"):
            return self._absent(node)
        function = FUNCTIONS.get(name)
        if function is None:
            raise PromqlError(f"function {name}() is not supported")
        return function(self.steps, [self.evaluate(argument) for argument in node.args])

    def _absent(self, node: Node) -> Value:
        """One series of value 1 where the argument has none; its labels are those that the selector asks for."""
        value = self.evaluate(node.args[0])
        if isinstance(value, Windows):
            value = FUNCTIONS["present_over_time"](self.steps, [value])
        if not isinstance(value, Vector):
            raise PromqlError(f"{node.func.name}() needs a vector")
        missing = np.logical_not(np.logical_or.reduce(value.present, axis=0)).reshape(1, -1)
        return Vector([_wanted_labels(node.args[0])], np.ones((1, len(self.steps))), missing)

    def _instant(self, node: Node) -> Value:
        return instant_selector(self._store, node, self._moments.of(node, self.steps), self._lookback)

    def _range(self, node: Node) -> Value:
        selector = node.vector_selector
        return range_selector(self._store, selector, self._moments.of(selector, self.steps), _ms(node.range))

    def _subquery(self, node: Node) -> Value:
        ends = self._moments.of(node, self.steps)
        starts = ends - _ms(node.range)
        step = self._default_step if node.step is None else _ms(node.step)
        if step <= 0:
            raise PromqlError("the step of a subquery must be positive")
        first = -(-int(starts.min()) // step) * step
        steps = np.arange(first, int(ends.max()) + 1, step, dtype=np.int64)
        if not len(steps):
            return Windows([], starts, ends)
        value = self._inner(steps).evaluate(node.expr)
        if isinstance(value, Scalar):
            value = Vector([()], value.values[None, :], np.ones((1, len(steps)), dtype=bool))
        if not isinstance(value, Vector):
            raise PromqlError("subquery is only allowed on instant vector")
        value = merged(value)
        return Windows([Frame(value.labels, steps, value.values, value.present)], starts, ends)


_NODES: dict[type, Callable[[Evaluation, Node], Value]] = {
    ast.NumberLiteral: Evaluation._number,
    ast.StringLiteral: Evaluation._string,
    ast.ParenExpr: Evaluation._paren,
    ast.UnaryExpr: Evaluation._unary,
    ast.BinaryExpr: Evaluation._binary,
    ast.AggregateExpr: Evaluation._aggregate,
    ast.Call: Evaluation._call,
    ast.VectorSelector: Evaluation._instant,
    ast.MatrixSelector: Evaluation._range,
    ast.SubqueryExpr: Evaluation._subquery,
}


def _ms(delta: Any) -> int:
    return round(float(delta.total_seconds()) * 1000)


def _wanted_labels(node: Node) -> Labels:
    """The labels that a selector fixes by equality, each once."""
    selector = node.vector_selector if isinstance(node, ast.MatrixSelector) else node
    if not isinstance(selector, ast.VectorSelector):
        return ()
    matchers = selector.matchers.matchers
    names = [matcher.name for matcher in matchers]
    fixed = {m.name: m.value for m in matchers if m.op == ast.MatchOp.Equal and names.count(m.name) == 1}
    return without_name(labels_of(fixed))
