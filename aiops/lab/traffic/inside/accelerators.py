"""Accelerators: inference in batches, and training in step."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.program import Training as TrainingSpec
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.queueing import mean_wait

_PATIENCE = 60.0
"""Seconds after which nobody waits for an accelerator any more."""
_DAMPING = 0.5
_SAVED_A_SECOND = 1e9
"""Bytes of a checkpoint that a member writes in a second, while all others wait."""
_NONE = np.zeros(0, dtype=np.int64)


class Inference:
    """Requests that share an accelerator by batches; each (processes with one,): `busy` is its utilisation, `batch` the
    mean size of a batch, `delay` the seconds that a request spends there.

    A batch takes a fixed time and one for each item. Who comes while one is worked on goes into the next, so its size
    grows with the load, and only full batches leave anybody behind: a bulk-service queue (N. Bailey, "On queueing
    processes with bulk service", J. R. Stat. Soc. B 16, 1954), by its mean values; those left behind wait as for one of
    as many servers as a batch has places."""

    def __init__(self) -> None:
        self.process: IntArray = _NONE
        self.keys: tuple[str, ...] = ()
        self._kept: FloatArray = np.zeros((4, 0))
        self._handlers: IntArray = _NONE
        self._place: IntArray = _NONE
        self._item: FloatArray = np.zeros(0)
        self._size: FloatArray = np.zeros(0)

    @property
    def busy(self) -> FloatArray:
        return row(self._kept, 0)

    @property
    def delay(self) -> FloatArray:
        return row(self._kept, 1)

    @property
    def batch(self) -> FloatArray:
        return row(self._kept, 2)

    @property
    def filled(self) -> FloatArray:
        """How much of the largest batch the mean one is."""
        return self.batch / self._size

    def adopt(self, graph: Graph) -> None:
        known: dict[Hashable, int] = rows_of(self.keys)
        found = [(row, p, p.program.batch) for row, p in enumerate(graph.processes) if p.program.batch is not None]
        self.keys = tuple(process.container.id for _, process, _ in found)
        self._kept = carried(known, self.keys, self._kept, 0.0)
        self.process = np.array([row for row, _, _ in found], dtype=np.int64)
        self._size = np.array([batch.size for _, _, batch in found], dtype=np.float64)
        self._wait = np.array([batch.wait_ms / 1000 for _, _, batch in found])
        self._fixed = np.array([batch.fixed_ms / 1000 for _, _, batch in found])
        places = {row: place for place, (row, _, _) in enumerate(found)}
        uses = [
            (handler, places[int(graph.process[handler])], route.accelerator_ms / 1000)
            for handler, route in enumerate(graph.routes)
            if handler and route.accelerator_ms and int(graph.process[handler]) in places
        ]
        self._handlers = np.array([handler for handler, _, _ in uses], dtype=np.int64)
        self._place = np.array([place for _, place, _ in uses], dtype=np.int64)
        self._item = np.array([seconds for _, _, seconds in uses])

    def step(self, flow: Flow, dt: float) -> None:
        count = len(self.keys)
        if not count:
            return
        made = flow.span.requests[self._handlers] * flow.works[self._handlers] / dt
        rate = summed(self._place, made, count)
        item = summed(self._place, made * self._item, count) / np.maximum(rate, 1e-9)
        gathered = 1.0 + rate * self._wait
        while_busy = rate * self._fixed / np.maximum(1.0 - rate * item, 0.02)
        batch = np.clip(np.maximum(gathered, while_busy), 1.0, self._size)
        seconds, longest = self._fixed + batch * item, self._fixed + self._size * item
        busy = np.minimum(rate * seconds / batch, 1.0)
        load = rate * longest / self._size
        self._kept[3] = np.clip(self._kept[3] + (load - 1.0) * self._size * dt / longest, 0.0, rate * _PATIENCE)
        queued = busy * seconds / 2.0 + mean_wait(load, self._size, longest) + self._kept[3] * longest / self._size
        filling = np.minimum(self._wait, (batch - 1.0) / np.maximum(rate, 1e-9)) / 2.0
        self._kept[0] = busy
        self._kept[1] += _DAMPING * (seconds + queued + filling - self._kept[1])
        self._kept[2] = batch

    def burden(self, delay: FloatArray) -> None:
        if len(self._handlers):
            delay[self._handlers] += np.maximum(self.delay[self._place], self._item)


class Training:
    """Jobs that compute in step, by (namespace, job); each (jobs,): `steps` done since the beginning, `seconds` of the
    last step (infinite while a member is missing), `running` members. `busy` (members,) is each accelerator's
    utilisation, `member` its process and `job` its job: who is quick waits for the slowest in the collective."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, str], ...] = ()
        self.member: IntArray = _NONE
        self.job: IntArray = _NONE
        self.steps: FloatArray = np.zeros(0)
        self.seconds: FloatArray = np.zeros(0)
        self.running: FloatArray = np.zeros(0)
        self.busy: FloatArray = np.zeros(0)
        self._collective: FloatArray = np.zeros(0)

    def adopt(self, graph: Graph) -> None:
        known: dict[Hashable, int] = rows_of(self.keys)
        found = [
            (row, (process.namespace, process.container.name), process.program.training)
            for row, process in enumerate(graph.processes)
            if process.program.training is not None
        ]
        self.keys = tuple(dict.fromkeys([*self.keys, *(key for _, key, _ in found)]))
        rows = rows_of(self.keys)
        self.steps = carried(known, self.keys, self.steps, 0.0)
        self.seconds = carried(known, self.keys, self.seconds, np.inf)
        self.member = np.array([row for row, _, _ in found], dtype=np.int64)
        self.job = np.array([rows[key] for _, key, _ in found], dtype=np.int64)
        self.running = summed(self.job, np.ones(len(found)), len(self.keys))
        self.busy = np.zeros(len(found))
        self._compute = np.array([training.step_seconds for _, _, training in found])
        self._cpu = np.array([training.cpu_seconds for _, _, training in found])
        self._together = np.array([t.collective_seconds + _saving_seconds(t) for _, _, t in found])
        self._collective = np.array([training.collective_seconds for _, _, training in found])
        self._members = np.zeros(len(self.keys))
        for job, (_, _, training) in zip(self.job.tolist(), found, strict=True):
            self._members[job] = training.members

    def step(self, slowdown: FloatArray, dt: float) -> None:
        """Train for `dt` seconds; `slowdown` (processes,) is by how much the CPU part takes longer."""
        if not len(self.keys):
            return
        jobs = len(self.keys)
        own = self._compute + self._cpu * slowdown[self.member]
        slowest = np.zeros(jobs)
        np.maximum.at(slowest, self.job, own + self._together)
        complete = (self.running >= self._members) & (self._members > 0)
        self.seconds = np.where(complete, slowest, np.inf)
        self.steps = self.steps + np.where(complete, dt / np.maximum(slowest, 1e-9), 0.0)
        working = self._compute / np.maximum(self.seconds[self.job], 1e-9)
        self.busy = np.where(complete[self.job], np.minimum(working, 1.0), 0.0)

    @property
    def communicating(self) -> FloatArray:
        """(members,): the share of time in which each exchanges what it has worked out with the others."""
        found: FloatArray = np.where(self.busy > 0, self._collective / np.maximum(self.seconds[self.job], 1e-9), 0.0)
        return found

    def cores(self, processes: int) -> FloatArray:
        """CPU that training takes, (processes,)."""
        if not len(self.member):
            return np.zeros(processes)
        used = np.where(np.isfinite(self.seconds[self.job]), self._cpu / self.seconds[self.job], 0.0)
        return summed(self.member, used, processes)


def _saving_seconds(training: TrainingSpec) -> float:
    """What checkpoints add to a step, on average."""
    return training.checkpoint_bytes / _SAVED_A_SECOND / training.checkpoint_steps
