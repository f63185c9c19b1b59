"""Bandwidths that several ways go through together: what is too much waits, as in a queue of bytes."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import summed
from aiops.lab.traffic.callgraph.graph import Graph
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.queueing import mean_wait

EXCHANGE_BYTES = 4_100.0
"""Of a request and its answer together."""

_LONGEST = 30.0
"""Seconds of traffic that are kept at most before packets are dropped."""


class Bottlenecks:
    """`backlog` (bandwidths,) are bytes that wait."""

    def __init__(self) -> None:
        self.backlog: FloatArray = np.zeros(0)

    def adopt(self, graph: Graph) -> None:
        self.backlog = np.zeros(len(graph.ways.narrow) if graph.ways else 0)

    def step(self, flow: Flow, dt: float) -> None:
        """Let the bytes of a span of `dt` seconds through, and set how long those of the next one wait."""
        ways = flow.graph.ways
        if ways is None or not ways.narrow:
            return
        sent = summed(flow.graph.call_link, flow.span.attempts * flow.sent_share, len(flow.graph.link_timeout))
        queued = np.zeros_like(ways.queued)
        for number, (limit, rows, columns) in enumerate(ways.narrow):
            twice = 1.0 + ways.unsound[0, rows, columns]
            came = float((sent[columns] * flow.weights[rows, columns] * twice).sum()) * EXCHANGE_BYTES
            waits = max(self.backlog[number] + came - limit * dt, 0.0)
            self.backlog[number] = min(waits, limit * _LONGEST)
            service, load = np.array([EXCHANGE_BYTES / limit]), np.array([came / dt / limit])
            queue = mean_wait(np.minimum(load, 1.0), np.ones(1), service)
            queued[rows, columns] += float((service + queue)[0]) + self.backlog[number] / limit
        ways.queued[:] = queued
