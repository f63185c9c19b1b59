"""Retry budgets: a process may send only so many retries for its first attempts. What is left over is kept a while."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, rows_of
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow


class Budgets:
    """One for each call that has one: `allowed` (budgets,) is the share of its wished retries that it sends."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, ...], ...] = ()
        self.calls: IntArray = np.zeros(0, dtype=np.int64)
        self.allowed: FloatArray = np.zeros(0)
        self._balance: FloatArray = np.zeros(0)
        self._ratio: FloatArray = np.zeros(0)
        self._rate: FloatArray = np.zeros(0)
        self._window: FloatArray = np.zeros(0)

    def adopt(self, graph: Graph) -> None:
        known: dict[Hashable, int] = rows_of(self.keys)
        found = [(call, want.budget) for call, want in enumerate(graph.wants) if want.budget is not None]
        self.keys = tuple(graph.calls[call].key for call, _ in found)
        self.allowed = carried(known, self.keys, self.allowed, 1.0)
        self._balance = carried(known, self.keys, self._balance, 0.0)
        self.calls = np.array([call for call, _ in found], dtype=np.int64)
        self._ratio = np.array([budget.ratio for _, budget in found], dtype=np.float64)
        self._rate = np.array([budget.per_second for _, budget in found], dtype=np.float64)
        self._window = np.array([budget.window_seconds for _, budget in found], dtype=np.float64)

    def step(self, flow: Flow, dt: float) -> None:
        """Pay for the retries of the last `dt` seconds, and see for how many of the next ones there is enough."""
        if not len(self.keys):
            return
        first = flow.span.attempts[self.calls] / flow.tries[self.calls]
        failing = 1.0 - flow.call_ok[self.calls]
        most = flow.graph.retries[self.calls]
        wished = first * (failing + (most >= 2) * failing**2 + (most >= 3) * failing**3)
        income = self._ratio * first + self._rate * dt
        self._balance += income - (flow.span.attempts[self.calls] - first)
        np.clip(self._balance, -self._window / dt * income, self._window / dt * income, out=self._balance)
        self.allowed = np.clip((self._balance + income) / np.maximum(wished, 1e-9), 0.0, 1.0)
