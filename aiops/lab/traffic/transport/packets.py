"""Packets that arrive twice, broken, or not at all: what they cost, and what network interfaces count of them."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import Graph
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.transport.bottlenecks import EXCHANGE_BYTES

PACKET_BYTES = 640.0
"""Of a packet on average."""

_PACKET_SECONDS = 4e-6
"""CPU time that the kernel takes to receive a packet and to throw it away."""

_HALF = 0.5
"""Of an exchange's packets each side receives."""


class Packets:
    """Each (processes,), since the start of the process: bytes that were `received` again, packets that were `dropped`
    on their way to it, and those that came `broken`. `cores` is what the packets in excess took in the last span."""

    def __init__(self) -> None:
        self._keys: tuple[str, ...] = ()
        self._counted: FloatArray = np.zeros((3, 0))
        self.cores: FloatArray | float = 0.0

    @property
    def received(self) -> FloatArray:
        return row(self._counted, 0)

    @property
    def dropped(self) -> FloatArray:
        return row(self._counted, 1)

    @property
    def broken(self) -> FloatArray:
        return row(self._counted, 2)

    def adopt(self, graph: Graph) -> None:
        known: dict[Hashable, int] = rows_of(self._keys)
        self._keys = tuple(process.container.id for process in graph.processes)
        self._counted = carried(known, self._keys, self._counted, 0.0)
        self.cores = 0.0

    def step(self, flow: Flow, dt: float) -> None:
        """Count the packets of a span of `dt` seconds."""
        graph, ways = flow.graph, flow.graph.ways
        if ways is None or not ways.unsound.any():
            return
        count = len(graph.processes)
        sent = flow.span.attempts * flow.sent_share
        by_link = summed(graph.call_link, sent, len(graph.link_timeout))
        servers = graph.process[graph.edge_target].ravel()
        clients = graph.process[graph.call_handler]
        packets = _HALF * EXCHANGE_BYTES / PACKET_BYTES
        found = np.zeros((3, count))
        for number, shares in enumerate(ways.unsound * flow.weights):
            found[number] = packets * summed(servers, (by_link * shares).ravel(), count)
            found[number] += packets * summed(clients, sent * shares.sum(axis=0)[graph.call_link], count)
        self.cores = (found[0] + found[2]) * _PACKET_SECONDS / dt
        found[0] *= PACKET_BYTES
        self._counted += found
