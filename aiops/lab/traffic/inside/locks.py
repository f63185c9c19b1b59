"""Locks inside processes: one holder at a time, so that a slow holder makes everybody wait (a convoy)."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, rows_of, summed
from aiops.lab.traffic.callgraph.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.queueing import gives_up, mean_wait

_DAMPING = 0.5
_FEW = 1e-3
_LOCKED, _FAILED = STATUSES.index(423), STATUSES.index(500)


class Locks:
    """By process and name; each (locks,): seconds of `waiting`, the share of requests that gives up (`failing`), and
    how busy a lock is (`load`, may be above 1). `uses` are (handler, lock)."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, str], ...] = ()
        self.process: IntArray = np.zeros(0, dtype=np.int64)
        self.waiting: FloatArray = np.zeros(0)
        self.failing: FloatArray = np.zeros(0)
        self.load: FloatArray = np.zeros(0)
        self.uses: tuple[IntArray, IntArray] = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        self._hold: FloatArray = np.zeros(0)
        self._rows: FloatArray = np.zeros(0)
        self._timeout: FloatArray = np.zeros(0)
        self._status: IntArray = np.zeros(0, dtype=np.int64)

    def adopt(self, graph: Graph) -> None:
        found: dict[tuple[str, str], tuple[int, int, float]] = {}
        uses = []
        for handler, route in enumerate(graph.routes):
            process = int(graph.process[handler])
            for lock in route.locks:
                key = (graph.processes[process].container.id, lock.name)
                found.setdefault(key, (process, lock.rows, lock.timeout))
                uses.append((handler, key, lock.hold_ms / 1000))
        known: dict[Hashable, int] = rows_of(self.keys)
        self.keys = tuple(found)
        rows = rows_of(self.keys)
        self.waiting, self.failing, self.load = (
            carried(known, self.keys, values, 0.0) for values in (self.waiting, self.failing, self.load)
        )
        self.process = np.array([process for process, _, _ in found.values()], dtype=np.int64)
        self._rows = np.array([count for _, count, _ in found.values()], dtype=np.float64)
        self._timeout = np.array([timeout for _, _, timeout in found.values()], dtype=np.float64)
        self._hold = np.array([hold for _, _, hold in uses], dtype=np.float64)
        self.uses = (
            np.array([handler for handler, _, _ in uses], dtype=np.int64),
            np.array([rows[key] for _, key, _ in uses], dtype=np.int64),
        )
        stores = [graph.processes[p].program.role == "store" for p in graph.process[self.uses[0]].tolist()]
        self._status = np.where(np.array(stores, dtype=bool), _LOCKED, _FAILED)

    def step(self, flow: Flow, stretch: FloatArray, dt: float) -> None:
        """What the next step's requests meet. `stretch` (processes,) is how much longer than unhindered a request works
        there: a holder that waits for the CPU keeps its locks."""
        if not len(self.keys):
            return
        handler, lock = self.uses
        count = len(self.keys)
        taken = flow.span.requests[handler] * flow.works[handler] / dt
        rate = summed(lock, taken, count)
        work = summed(lock, taken * self._hold, count) * stretch[self.process]
        hold = work / np.maximum(rate, 1e-9)
        self.load = work / self._rows
        one = np.ones(count)
        gone = gives_up(self.load, one, hold, self._timeout)
        wait = np.where(self.load < 1.0, mean_wait(self.load, one, hold), self._timeout)
        self.waiting = self.waiting + _DAMPING * (np.minimum(wait, self._timeout) - self.waiting)
        self.failing = self.failing + _DAMPING * (np.where(gone > 1e-6, gone, 0.0) - self.failing)

    @property
    def calm(self) -> bool:
        return bool(self.failing.max(initial=0.0) < _FEW)

    def burden(self, delay: FloatArray, broken: FloatArray, status: IntArray) -> None:
        """Add what handlers meet: their delay (seconds), the share that fails, and how."""
        handler, lock = self.uses
        if len(handler):
            delay += summed(handler, self.waiting[lock] + self._hold, len(delay))
            failing = self.failing[lock]
            more = failing > broken[handler]
            status[handler[more]] = self._status[more]
            np.maximum.at(broken, handler, failing)
