"""Walks a syntax tree and evaluates every node at all steps of a query at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from aiops.lab.promql import tree
from aiops.lab.promql.aggregation import aggregate
from aiops.lab.promql.binary import binary
from aiops.lab.promql.functions import FUNCTIONS
from aiops.lab.promql.prefetch import Prefetch
from aiops.lab.promql.selectors import Moments, check_size, instant_selector, range_selector, sample_times
from aiops.lab.promql.values import (
    ALONE,
    IntArray,
    PromqlError,
    Scalar,
    Text,
    Value,
    Vector,
    Windows,
    merged,
    nameless,
    nameless_series,
    shown,
)
from aiops.lab.tsdb import Frame, LabelSets, TimeSeriesStore


class Evaluation:
    """One query at its `steps` (milliseconds, rising)."""

    def __init__(
        self,
        store: TimeSeriesStore,
        steps: IntArray,
        moments: Moments,
        *,
        lookback: int,
        default_step: int,
        together: Prefetch | None = None,
    ) -> None:
        self.steps = steps
        self._store = store
        self._moments = moments
        self._lookback = lookback
        self._default_step = default_step
        self._together = together

    def evaluate(self, node: tree.Node) -> Value:
        """The value of a node. Raises `PromqlError` where it cannot be evaluated."""
        return _NODES[type(node)](self, node)

    def _vector(self, node: tree.Node) -> Vector:
        value = self.evaluate(node)
        assert isinstance(value, Vector)  # the parser has checked the types
        return value

    def _number(self, node: tree.Number) -> Value:
        return Scalar(np.full(len(self.steps), node.value))

    def _string(self, node: tree.String) -> Value:
        return Text(node.value)

    def _negation(self, node: tree.Negation) -> Value:
        value = self.evaluate(node.expr)
        if isinstance(value, Scalar):
            return Scalar(-value.values)
        assert isinstance(value, Vector)
        return nameless_series(replace(value, values=-value.values))

    def _binary(self, node: tree.Binary) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        assert isinstance(left, Scalar | Vector)
        assert isinstance(right, Scalar | Vector)
        return binary(node, left, right)

    def _aggregation(self, node: tree.Aggregation) -> Value:
        param = None if node.param is None else self.evaluate(node.param)
        return aggregate(node, self._vector(node.expr), param)

    def _call(self, node: tree.Call) -> Value:
        argument = node.arguments[0] if node.arguments else None
        if node.function == "timestamp" and isinstance(argument, tree.Selector):
            moments = self._moments.of(argument.shift, self.steps)
            return nameless(sample_times(self._store, argument, moments, self._lookback))
        return FUNCTIONS[node.function](self.steps, [self.evaluate(argument) for argument in node.arguments])

    def _absent(self, node: tree.Absent) -> Value:
        """One series of value 1 where the argument has none."""
        value = self.evaluate(node.argument)
        if isinstance(value, Windows):
            value = FUNCTIONS["last_over_time"](self.steps, [value])
        assert isinstance(value, Vector)
        missing = ~np.logical_or.reduce(value.present, axis=0, keepdims=True)
        return Vector(LabelSets([node.wanted]), np.ones((1, len(self.steps))), missing)

    def _selector(self, node: tree.Selector) -> Value:
        return instant_selector(self._store, node, self._moments.of(node.shift, self.steps), self._lookback)

    def _range(self, node: tree.RangeSelector) -> Value:
        return range_selector(self._store, node, self._moments.of(node.selector.shift, self.steps))

    def _prefetched(self, node: tree.Prefetched) -> Value:
        assert self._together is not None
        return self._together.vector(node.number)

    def _shared(self, node: tree.Shared) -> Value:
        assert self._together is not None
        return self._together.shared(node, self._vector)

    def _subquery(self, node: tree.Subquery) -> Value:
        ends = self._moments.of(node.shift, self.steps)
        starts = ends - node.width
        step = self._default_step if node.step is None else node.step
        first = -(-int(starts.min()) // step) * step
        check_size((int(ends.max()) - first) // step)
        steps = np.arange(first, int(ends.max()) + 1, step, dtype=np.int64)
        if not len(steps):
            return Windows([], starts, ends)
        inner = Evaluation(self._store, steps, self._moments, lookback=self._lookback, default_step=self._default_step)
        value = inner.evaluate(node.expr)
        if isinstance(value, Scalar):
            value = Vector(ALONE, value.values[None, :], np.ones((1, len(steps)), dtype=bool))
        if not isinstance(value, Vector):
            raise PromqlError("subquery is only allowed on instant vector")
        value = shown(merged(value))
        if not len(value.labels):
            return Windows([], starts, ends)
        frame = Frame(value.labels, steps, np.ascontiguousarray(value.values.T), np.ascontiguousarray(value.present.T))
        return Windows([frame], starts, ends)


_NODES: dict[type, Callable[..., Value]] = {
    tree.Number: Evaluation._number,
    tree.String: Evaluation._string,
    tree.Negation: Evaluation._negation,
    tree.Binary: Evaluation._binary,
    tree.Aggregation: Evaluation._aggregation,
    tree.Call: Evaluation._call,
    tree.Absent: Evaluation._absent,
    tree.Selector: Evaluation._selector,
    tree.RangeSelector: Evaluation._range,
    tree.Subquery: Evaluation._subquery,
    tree.Prefetched: Evaluation._prefetched,
    tree.Shared: Evaluation._shared,
}
