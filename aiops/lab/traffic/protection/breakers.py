"""Circuit breakers: closed, open for a while, then half open until a few probes decide."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow

CLOSED, OPEN, HALF_OPEN = 0.0, 1.0, 2.0


class Breakers:
    """One for each call that has one. `state` (breakers,) is `CLOSED`, `OPEN` or `HALF_OPEN`; `opened` counts."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, ...], ...] = ()
        self.calls: IntArray = np.zeros(0, dtype=np.int64)
        self._kept: FloatArray = np.zeros((4, 0))
        self._ratio: FloatArray = np.zeros(0)
        self._least: FloatArray = np.zeros(0)
        self._run: FloatArray = np.zeros(0)
        self._seconds: FloatArray = np.zeros(0)
        self._probes: FloatArray = np.zeros(0)

    @property
    def state(self) -> FloatArray:
        return row(self._kept, 0)

    @property
    def stopped(self) -> FloatArray:
        """The share of attempts that are not made, (breakers,)."""
        return row(self._kept, 2)

    @property
    def opened(self) -> FloatArray:
        return row(self._kept, 3)

    def adopt(self, graph: Graph) -> None:
        known: dict[Hashable, int] = rows_of(self.keys)
        found = [(call, want.breaker) for call, want in enumerate(graph.wants) if want.breaker is not None]
        self.keys = tuple(graph.calls[call].key for call, _ in found)
        self._kept = carried(known, self.keys, self._kept, 0.0)
        self.calls = np.array([call for call, _ in found], dtype=np.int64)
        self._ratio = np.array([b.failure_ratio for _, b in found], dtype=np.float64)
        self._least = np.array([b.least_requests for _, b in found], dtype=np.float64)
        self._run = np.array([b.consecutive or np.inf for _, b in found], dtype=np.float64)
        self._seconds = np.array([b.open_seconds for _, b in found], dtype=np.float64)
        self._probes = np.array([b.probes for _, b in found], dtype=np.float64)

    def step(self, flow: Flow, dt: float, rng: np.random.Generator) -> None:
        """Decide what the next step's requests meet.

        A run of k failures comes about n (1 - f) f^k + f^k times in n attempts (W. Feller, An Introduction to
        Probability Theory, volume 1, XIII.7); it is drawn, as is whether all probes succeed."""
        if not len(self.keys):
            return
        state, left, _, opened = self._kept
        made = flow.span.attempts[self.calls] * flow.sent_share[self.calls]
        fails = np.clip(1.0 - flow.call_ok[self.calls] / np.maximum(flow.sent_share[self.calls], 1e-9), 0.0, 1.0)
        drawn = rng.random(len(self.keys))
        runs = (made * (1.0 - fails) + 1.0) * fails**self._run
        trips = ((made >= self._least) & (fails >= self._ratio)) | (drawn < -np.expm1(-runs))
        probed = (state == HALF_OPEN) & (made > 0)
        passed = probed & (drawn < (1.0 - fails) ** np.minimum(self._probes, np.maximum(made, 1.0)))
        opens = ((state == CLOSED) & trips) | (probed & ~passed)
        left = np.where(opens, self._seconds, np.maximum(left - dt, 0.0))
        waited = (state == OPEN) & (left <= 0.0)
        state = np.where(opens, OPEN, np.where(waited, HALF_OPEN, np.where(passed, CLOSED, state)))
        probes = np.maximum(1.0 - self._probes / np.maximum(flow.span.attempts[self.calls], self._probes), 0.0)
        stopped = np.where(state == OPEN, 1.0, np.where(state == HALF_OPEN, probes, 0.0))
        self._kept = np.stack([state, left, stopped, opened + opens])
