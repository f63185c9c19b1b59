"""Disks of stores: how full they are, how busy, and what that does to writes."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from aiops.core.quantity import parse_quantity
from aiops.core.telemetry import FloatArray
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.callgraph.carrying import carried, summed
from aiops.lab.traffic.callgraph.graph import STATUSES, Graph, IntArray
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.processes.volumes import claim_of, memory_volume, volume_of
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.queueing import mean_wait

_FULL = STATUSES.index(507)
_NO_SLICE = np.zeros(0, dtype=np.int64)


class Disks:
    """Each (disks,): bytes of its `own`, those `used` with what others put there, and its `capacity` (infinite where
    nothing limits it), how `busy` it is and in how much of the time somebody `waited` for it (0..1), bytes `read` and
    `written` since the start of its process, and for how long it has been full, `full_for`. What lies on
    a claim outlives its pod: `kept` by volume."""

    def __init__(self, view: ClusterView) -> None:
        self._view = view
        self.kept: dict[Hashable, float] = {}
        self.keys: tuple[tuple[str, ...], ...] = ()
        self.processes: tuple[Process, ...] = ()
        self.process: IntArray = _NO_SLICE
        self.own: FloatArray = np.zeros(0)
        self._foreign: FloatArray = np.zeros(0)
        self.capacity: FloatArray = np.zeros(0)
        self.busy: FloatArray = np.zeros(0)
        self.waited: FloatArray = np.zeros(0)
        self._slower: FloatArray = np.zeros(0)
        self.read: FloatArray = np.zeros(0)
        self.written: FloatArray = np.zeros(0)
        self.full_for: FloatArray = np.zeros(0)
        self._journals: FloatArray = np.zeros(0)
        self._handlers: IntArray = _NO_SLICE
        self._disk: IntArray = _NO_SLICE
        self._io: FloatArray = np.zeros((3, 0))

    def adopt(self, graph: Graph, node_disks: FloatArray) -> None:
        """Take over a new graph. `node_disks` (processes,) is the size of each one's node's disk, 0 for endless."""
        self._save()
        known: dict[Hashable, int] = {process.container.id: row for row, process in enumerate(self.processes)}
        found = [(row, p) for row, p in enumerate(graph.processes) if p.program.disk is not None]
        self.keys = tuple(self._key(process) for _, process in found)
        self.processes = tuple(process for _, process in found)
        self.process = np.array([row for row, _ in found], dtype=np.int64)
        disks = [process.program.disk for process in self.processes if process.program.disk is not None]
        self._base = np.array([disk.base_bytes for disk in disks])
        self._forgets = np.array([1.0 / (disk.retention_seconds or np.inf) for disk in disks])
        self._bandwidth = np.array([disk.bandwidth for disk in disks])
        self.own = np.array([self.kept.get(k, base) for k, base in zip(self.keys, self._base.tolist(), strict=True)])
        self._foreign = np.array([process.plight.foreign_bytes for process in self.processes])
        sizes = [self._capacity(process, float(node_disks[row])) for row, process in found]
        self.capacity = np.array(sizes, dtype=np.float64)
        ids = [process.container.id for process in self.processes]
        self.busy, self.read, self.written, self.full_for = (
            carried(known, ids, values, 0.0) for values in (self.busy, self.read, self.written, self.full_for)
        )
        self.waited = self.busy
        self._slower = np.array([process.plight.io_seconds for process in self.processes])
        self._journals = np.array([disk.journal_seconds or np.inf for disk in disks])
        place = {row: disk for disk, (row, _) in enumerate(found)}
        uses = [
            (handler, place[int(graph.process[handler])], route)
            for handler, route in enumerate(graph.routes)
            if int(graph.process[handler]) in place
            and handler
            and (route.read_bytes or route.written_bytes or route.stored_bytes)
        ]
        self._handlers = np.array([handler for handler, _, _ in uses], dtype=np.int64)
        self._disk = np.array([disk for _, disk, _ in uses], dtype=np.int64)
        io = [(r.read_bytes, max(r.written_bytes, r.stored_bytes), r.stored_bytes) for _, _, r in uses]
        self._io = np.array(io, dtype=np.float64).reshape(-1, 3).T

    @property
    def used(self) -> FloatArray:
        """Bytes of its own and of others, at most what the disk holds."""
        return np.minimum(self.own + self._foreign, self.capacity)

    def step(self, flow: Flow, dt: float) -> None:
        count = len(self.keys)
        if not count:
            return
        served = flow.span.requests[self._handlers] * (1.0 - flow.fails[self._handlers])
        read, written, stored = (summed(self._disk, served * io, count) for io in self._io)
        kept = self.own - (self.own - self._base) * np.minimum(self._forgets * dt, 1.0)
        self.own = np.maximum(np.minimum(kept + stored, self.capacity - self._foreign), np.minimum(kept, self.own))
        self.read, self.written = self.read + read, self.written + written
        self.busy = np.minimum((read + written) / dt / self._bandwidth, 1.0)
        self.waited = self.busy
        if self._slower.any():
            asked = summed(self._disk, flow.span.requests[self._handlers], count) / dt
            self.waited = np.maximum(self.busy, -np.expm1(-asked * self._slower))
        self.full_for = np.where(self.used >= self.capacity, self.full_for + dt, 0.0)

    def stranded(self) -> list[Process]:
        """The processes that have no room for what they must write."""
        (stranded,) = (self.full_for > self._journals).nonzero()
        return [self.processes[row] for row in stranded.tolist()]

    def burden(self, delay: FloatArray, broken: FloatArray, status: IntArray) -> None:
        """Add what handlers meet: the time of their bytes on the disk, and writes that fail on a full one."""
        if not len(self._handlers):
            return
        disk = self._disk
        service = (self._io[0] + self._io[1]) / self._bandwidth[disk]
        delay[self._handlers] += service + mean_wait(self.busy[disk], np.ones(len(disk)), service)
        full = (self.used >= self.capacity)[disk] & (self._io[2] > 0)
        broken[self._handlers[full]], status[self._handlers[full]] = 1.0, _FULL

    def ephemeral(self, processes: int) -> FloatArray:
        """(processes,): bytes that lie on the nodes' own disks."""
        local = [key[0] != "claim" for key in self.keys]
        return summed(self.process, self.used * np.array(local, dtype=np.float64), processes)

    def _save(self) -> None:
        self.kept.update(zip(self.keys, self.own.tolist(), strict=True))
        claims = {
            ("claim", c["metadata"].get("namespace", ""), c["metadata"]["name"], c["metadata"].get("uid", ""))
            for c in self._view.objects("PersistentVolumeClaim")
        }
        running = set(self.keys)
        self.kept = {key: used for key, used in self.kept.items() if key in claims or key in running}

    def _capacity(self, process: Process, node_disk: float) -> float:
        claim = claim_of(process)
        found = self._view.find("PersistentVolumeClaim", process.namespace, claim) if claim else None
        size = ((found or {}).get("status") or {}).get("capacity", {}).get("storage")
        if claim:
            return parse_quantity(size) if size else np.inf
        return memory_volume(process) or node_disk or np.inf

    def _key(self, process: Process) -> tuple[str, ...]:
        """What a process' data is known by: its claim, its pod's volume, or its container."""
        claim = claim_of(process)
        if claim:
            found = self._view.find("PersistentVolumeClaim", process.namespace, claim)
            return ("claim", process.namespace, claim, found["metadata"].get("uid", "") if found else "")
        volume = volume_of(process)
        if volume is None:
            return ("layer", process.container.id)
        return ("pod", process.container.pod["metadata"].get("uid", process.pod), volume["name"])
