"""Garbage collectors: how often a heap is collected, what that costs, and when it no longer helps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.solving.flow import Flow

_GIB = 2.0**30
_LIVE_SHARE = 0.45
"""Share of what a warm process holds at rest that is live objects of its heap."""
_LEAST_FREE = 0.01
_OVERHEAD = 0.98
"""Share of the time spent collecting from which on the virtual machine gives up (as the JVM's GC overhead limit)."""


class Collectors:
    """Each (collectors,): the heap's `live` and `most` bytes, `collections` and `pause_seconds` since the start of the
    process, and the share of the last step that was `paused`. `process` are their rows."""

    def __init__(self) -> None:
        self.keys: tuple[str, ...] = ()
        self.process: IntArray = np.zeros(0, dtype=np.int64)
        self.live: FloatArray = np.zeros(0)
        self.most: FloatArray = np.zeros(0)
        self._kept: FloatArray = np.zeros((4, 0))

    @property
    def collections(self) -> FloatArray:
        return row(self._kept, 0)

    @property
    def pause_seconds(self) -> FloatArray:
        return row(self._kept, 1)

    @property
    def paused(self) -> FloatArray:
        return row(self._kept, 2)

    @property
    def cores(self) -> FloatArray:
        """CPU that collecting takes, (collectors,)."""
        return row(self._kept, 3)

    def adopt(self, graph: Graph, memory_limit: FloatArray) -> None:
        known: dict[Hashable, int] = rows_of(self.keys)
        found = [(row, p, p.program.collector) for row, p in enumerate(graph.processes) if p.program.collector]
        self.keys = tuple(process.container.id for _, process, _ in found)
        self._kept = carried(known, self.keys, self._kept, 0.0)
        self.process = np.array([row for row, _, _ in found], dtype=np.int64)
        share = np.array([collector.heap_share for _, _, collector in found])
        self._pause = np.array([collector.pause_ms_per_gib / 1000 for _, _, collector in found])
        self._cpu = np.array([collector.cpu_ms_per_gib / 1000 for _, _, collector in found])
        limit = memory_limit[self.process] if found else np.zeros(0)
        self.most = np.where(np.isfinite(limit), share * limit, share * 4 * _GIB)
        self.live = np.zeros(len(found))
        self._garbage = np.array([route.allocated_bytes for route in graph.routes])

    def step(self, flow: Flow, resting: FloatArray, held: FloatArray, dt: float) -> None:
        """Collect for `dt` seconds. Each (processes,): bytes that a process holds at rest, and those of requests in
        flight and of leaks."""
        if not len(self.keys):
            return
        graph, count = flow.graph, len(flow.graph.processes)
        garbage = summed(graph.process, flow.span.requests * flow.works * self._garbage, count)[self.process]
        self.live = np.minimum(resting[self.process] * _LIVE_SHARE + held[self.process], self.most)
        free = np.maximum(self.most - self.live, _LEAST_FREE * self.most)
        rate = garbage / dt / free
        paused = np.minimum(rate * self._pause * self.live / _GIB, 0.99)
        self._kept[0] += rate * dt
        self._kept[1] += paused * dt
        self._kept[2] = paused
        self._kept[3] = rate * self._cpu * self.live / _GIB

    def exhausted(self, processes: Sequence[Process]) -> list[Process]:
        """The processes whose virtual machine gives up: nothing is left to collect, or it does nothing else."""
        given_up = (self.live >= self.most * (1.0 - _LEAST_FREE)) | (self.paused >= _OVERHEAD)
        return [processes[row] for row in self.process[given_up].tolist()]
