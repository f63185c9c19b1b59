"""Connections that clients hold open at servers which take only so many."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import summed
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.protection.pools import Pools
from aiops.lab.traffic.solving.flow import Flow

_NONE = np.zeros(0, dtype=np.int64)


class Connections:
    """Each (processes,): `open` connections of clients, and the share of requests that is `refused` for lack of one.

    A pool holds its connections whether it needs them or not; a call without a pool one for each request in flight."""

    def __init__(self) -> None:
        self.open: FloatArray = np.zeros(0)
        self.refused: FloatArray = np.zeros(0)
        self._limit: FloatArray = np.zeros(0)
        self._limited = False
        self._pooled: tuple[IntArray, IntArray, FloatArray] = (_NONE, _NONE, np.zeros(0))
        self._plain: tuple[IntArray, IntArray] = (_NONE, _NONE)

    def adopt(self, graph: Graph, pools: Pools) -> None:
        """Take over a new graph; `pools` are those of the same graph."""
        programs = [process.program for process in graph.processes]
        self._limit = np.array([p.max_connections or p.max_open_files or np.inf for p in programs], dtype=np.float64)
        self._limited = bool(np.isfinite(self._limit).any())
        self.open, self.refused = np.zeros(len(programs)), np.zeros(len(programs))
        if not self._limited:
            return
        limited = set(np.flatnonzero(np.isfinite(self._limit)).tolist())
        pool_of = dict(zip(pools.calls.tolist(), pools.pool_of_call.tolist(), strict=True))
        shares: dict[tuple[int, int], float] = {}
        plain = []
        for call in range(len(graph.calls)):
            for handler, weight in graph.endpoints(call):
                server = int(graph.process[handler])
                if server in limited and call in pool_of:
                    shares[pool_of[call], server] = weight
                elif server in limited:
                    plain.append((call, handler))
        pairs = np.array(list(shares), dtype=np.int64).reshape(-1, 2).T
        self._pooled = (pairs[0], pairs[1], np.array(list(shares.values()), dtype=np.float64))
        edges = np.array(plain, dtype=np.int64).reshape(-1, 2).T
        self._plain = (edges[0], edges[1])

    def step(self, flow: Flow, pools: Pools, dt: float) -> None:
        if not self._limited:
            return
        count = len(self._limit)
        pool, server, share = self._pooled
        held = summed(server, pools.open[pool] * share, count)
        call, handler = self._plain
        link = flow.graph.call_link[call]
        seconds = flow.link_ok[link] * flow.link_ok_mean[link] + flow.link_lost[link]
        flying = flow.span.attempts[call] * flow.sent_share[call] * seconds / dt
        shares = flow.span.requests[handler] / np.maximum(_sums(flow, call, handler), 1e-9)
        held += summed(flow.graph.process[handler], flying * np.minimum(shares, 1.0), count)
        self.refused = np.maximum(1.0 - self._limit / np.maximum(held, 1e-9), 0.0)
        self.open = np.minimum(held, self._limit)


def _sums(flow: Flow, call: IntArray, handler: IntArray) -> FloatArray:
    """For each (call, handler) the requests of all handlers that may answer the call."""
    total = summed(call, flow.span.requests[handler], len(flow.span.attempts))
    return total[call]
