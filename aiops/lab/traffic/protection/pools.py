"""Connection pools: of each process for each destination. Who gets no connection in time fails."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.calling import Pool
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.queueing import gives_up, mean_wait

_DAMPING = 0.5
_IDLE_SECONDS = 60.0
"""How long a connection that nobody needs stays open, on average."""


class Pools:
    """Each (pools,): connections `in_use` and `open`, seconds of `waiting` for one, the share of requests that is
    `unpooled`, how many were so since the start of the process (`timeouts`), and how many wait now (`pending`). `calls`
    have one: `pool_of_call`."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, str], ...] = ()
        self.process: IntArray = np.zeros(0, dtype=np.int64)
        self.calls: IntArray = np.zeros(0, dtype=np.int64)
        self.pool_of_call: IntArray = np.zeros(0, dtype=np.int64)
        self.size: FloatArray = np.zeros(0)
        self.wait_timeout: FloatArray = np.zeros(0)
        self._idle: FloatArray = np.zeros(0)
        self._state: FloatArray = np.zeros((6, 0))

    @property
    def in_use(self) -> FloatArray:
        return row(self._state, 0)

    @property
    def open(self) -> FloatArray:
        return row(self._state, 1)

    @property
    def waiting(self) -> FloatArray:
        return row(self._state, 2)

    @property
    def unpooled(self) -> FloatArray:
        return row(self._state, 3)

    @property
    def timeouts(self) -> FloatArray:
        return row(self._state, 4)

    @property
    def pending(self) -> FloatArray:
        return row(self._state, 5)

    def adopt(self, graph: Graph) -> None:
        """Take over a new graph. A pool is known by its process' container and its variable."""
        found: dict[tuple[str, str], tuple[int, Pool]] = {}
        calls, pools = [], []
        for call, want in enumerate(graph.wants):
            process = graph.calls[call].process
            pool = graph.processes[process].program.pools.get(want.to)
            if pool is not None:
                key = (graph.processes[process].container.id, want.to)
                found.setdefault(key, (process, pool))
                calls.append(call)
                pools.append(key)
        known: dict[Hashable, int] = rows_of(self.keys)
        self.keys = tuple(found)
        rows = rows_of(self.keys)
        self._state = carried(known, self.keys, self._state, 0.0)
        self.process = np.array([process for process, _ in found.values()], dtype=np.int64)
        self.size = np.array([pool.size for _, pool in found.values()], dtype=np.float64)
        self.wait_timeout = np.array([pool.wait_timeout for _, pool in found.values()], dtype=np.float64)
        self._idle = np.array([min(pool.idle, pool.size) for _, pool in found.values()], dtype=np.float64)
        self.calls = np.array(calls, dtype=np.int64)
        self.pool_of_call = np.array([rows[key] for key in pools], dtype=np.int64)

    def step(self, flow: Flow, stopped: FloatArray, dt: float) -> None:
        """What the next step's requests meet, by those of the last `dt` seconds. `stopped` (calls,) never asked."""
        if not len(self.keys):
            return
        count, link = len(self.keys), flow.graph.call_link[self.calls]
        wanted = flow.span.attempts[self.calls] * (1.0 - stopped[self.calls]) / dt
        seconds = flow.link_ok[link] * flow.link_ok_mean[link] + flow.link_lost[link]
        rate = summed(self.pool_of_call, wanted, count)
        work = summed(self.pool_of_call, wanted * seconds, count)
        hold = work / np.maximum(rate, 1e-9)
        load = work / self.size
        gone = gives_up(load, self.size, hold, self.wait_timeout)
        wait = np.where(load < 1.0, mean_wait(load, self.size, hold), self.wait_timeout)
        self._state[2] += _DAMPING * (np.minimum(wait, self.wait_timeout) - self.waiting)
        self._state[3] += _DAMPING * (np.where(gone > 1e-6, gone, 0.0) - self.unpooled)
        self._state[4] += rate * dt * self.unpooled
        self._state[5] = rate * self.waiting
        self._state[0] = np.minimum(work * (1.0 - self.unpooled), self.size)
        needed = np.maximum(np.minimum(np.ceil(self.in_use * 1.2), self.size), self._idle)
        self._state[1] = np.maximum(needed, self.open - (self.open - needed) * min(dt / _IDLE_SECONDS, 1.0))
