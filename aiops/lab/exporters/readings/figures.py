"""Everything that exporters read of the data plane at one moment, in one array: exporters take their samples from it.

A figure is a row of numbers, one for each process, disk, pool, ... in the order in which the engine has them, so that
a layout (which place of the array belongs to which series) stands as long as the engine's does.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.program import USUAL_OPEN_FILES, Program
from aiops.lab.exporters.readings.hardware import Hardware
from aiops.lab.exporters.readings.machine_figures import MachineFigures
from aiops.lab.exporters.readings.part_figures import figures_of_parts
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.carrying import carried, rows_of, summed
from aiops.lab.traffic.callgraph.graph import IntArray

_CFS_PERIOD_MICROSECONDS = 100_000.0
_CPU_SHARES = 1024.0
_LAYER_BYTES = 96 * 2.0**10
_SINGLE = ("one", "now")

_FILES = 8.0
"""Descriptors that a process has open beside its connections."""


class Figures:
    """`take` fills `flat` with the state after a step; `place` tells where a figure begins, as long as `layout` stands.

    Each (processes,) unless its name begins with another part's: `pool_`, `cache_`, `breaker_`, `disk_`,
    `heap_`, `topic_`, `node_`, `handler_`, `dns_`; `one` and `now` are single numbers."""

    def __init__(self, traffic: Traffic, hardware: Hardware) -> None:
        self._traffic = traffic
        self._machines = MachineFigures(traffic, hardware)
        self._places: dict[str, slice] = {}
        self._peaks: tuple[tuple[Hashable, ...], FloatArray] = ((), np.zeros(0))
        self._most: FloatArray = np.zeros(0)
        self._leaked: FloatArray = np.zeros(0)
        self._lost_files: FloatArray = np.zeros(0)
        self._most_files: FloatArray = np.zeros(0)
        self._moving_bytes: FloatArray = np.zeros(0)
        self._hogged: tuple[tuple[Hashable, ...], FloatArray] = ((), np.zeros(0))
        self._sent: tuple[tuple[Hashable, ...], FloatArray] = ((), np.zeros(0))
        self._sent_bytes: FloatArray = np.zeros(0)
        self._last = 0.0
        self.layout = -1
        self.flat: FloatArray = np.zeros(0)

    def place(self, name: str) -> int:
        return int(self._places[name].start)

    def take(self, now: float) -> None:
        """Read everything at the end of a step, `now` in unix seconds."""
        if self.layout != self._traffic.layout:
            self._lay_out(now)
        self._hog(now)
        flat, places = self.flat, self._places
        for name, values in self._moving(now).items():
            flat[places[name]] = values

    def _lay_out(self, now: float) -> None:
        keys = tuple(process.container.id for process in self._traffic.flow.graph.processes)
        for name in ("_peaks", "_hogged", "_sent"):
            known, values = getattr(self, name)
            setattr(self, name, (keys, carried(rows_of(known), keys, values, 0.0)))
        programs = [process.program for process in self._traffic.flow.graph.processes]
        self._most = np.array([p.max_connections or p.concurrency for p in programs], dtype=np.float64)
        self._leaked = self._leaked_connections()
        built = [process.built for process in self._traffic.flow.graph.processes]
        self._most_files = np.array([*map(_file_limit, built)], dtype=np.float64)
        self._lost_files = np.array([*map(_lost_files, built, programs)], dtype=np.float64)
        self._moving_bytes = np.array([p.plight.moved for p in self._traffic.flow.graph.processes], dtype=np.float64)
        self._sent_bytes = np.array([p.plight.sent for p in self._traffic.flow.graph.processes], dtype=np.float64)
        self._machines.adopt()
        found = {**self._standing(), **self._moving(now)}
        self._places, start = {}, 0
        for name, values in found.items():
            size = len(keys) if np.ndim(values) == 0 and name not in _SINGLE else np.size(values)
            self._places[name] = slice(start, start + size)
            start += size
        self.flat = np.zeros(start)
        for name, values in found.items():
            self.flat[self._places[name]] = values
        self.layout = self._traffic.layout

    def _leaked_connections(self) -> FloatArray:
        """(pools,): those that nobody gives back, by which the pool is smaller than it was made."""
        pools, processes = self._traffic.engine.protections.pools, self._traffic.flow.graph.processes
        made = [
            processes[process].built.pools[variable].size
            for process, (_, variable) in zip(pools.process.tolist(), pools.keys, strict=True)
        ]
        return np.maximum(np.array(made, dtype=np.float64) - pools.size, 0.0)

    def _hog(self, now: float) -> None:
        """Count what processes move that keep their node's disk busy (half of it read, half written), or its link."""
        seconds, self._last = now - (self._last or now), now
        if self._moving_bytes.any():
            self._hogged[1][:] += self._moving_bytes / 2.0 * seconds
        if self._sent_bytes.any():
            self._sent[1][:] += self._sent_bytes * seconds

    def _standing(self) -> Mapping[str, FloatArray | float]:
        """What changes only with the layout."""
        engine, processes = self._traffic.engine, self._traffic.flow.graph.processes
        needs, kills = engine.resources.needs, self._traffic.runtime.oom_kills
        return {
            "one": 1.0,
            "memory_limit": np.where(np.isfinite(needs.memory_limit), needs.memory_limit, 0.0),
            "cpu_quota": np.where(np.isfinite(needs.cpu_limit), needs.cpu_limit * _CFS_PERIOD_MICROSECONDS, 0.0),
            "cpu_shares": np.maximum(np.floor(needs.cpu_shares * _CPU_SHARES), 2.0),
            "started": np.array([process.container.started_at for process in processes], dtype=np.float64),
            "oom_kills": np.array([kills.get(process.place, 0) for process in processes], dtype=np.float64),
            "most_files": self._most_files,
            "most_connections": self._most,
            **self._machines.standing(),
            "pool_size": engine.protections.pools.size + self._leaked,
            "heap_most": engine.collectors.most,
        }

    def _moving(self, now: float) -> Mapping[str, FloatArray | float]:
        engine, count = self._traffic.engine, len(self._traffic.flow.graph.processes)
        pools, state = engine.protections.pools, engine.resources.state
        sockets = state.in_flight + engine.connections.open + _summed(pools.process, pools.open, count)
        busy = self._accelerators(count)
        return {
            "now": now,
            **self._used(),
            **self._connected(sockets),
            **self._kept(count),
            "accelerator": busy,
            "accelerator_celsius": self._machines.celsius(busy),
            **self._machines.cards(busy),
            **figures_of_parts(engine, self._leaked),
            **self._machines.read(now, sockets),
        }

    def _used(self) -> Mapping[str, FloatArray]:
        """(processes,): what each has used of its machine and the network, and what it is at."""
        state, packets = self._traffic.resources.state, self._traffic.engine.packets
        np.maximum(self._peaks[1], state.working_set, out=self._peaks[1])
        return {
            "cpu_seconds": state.cpu_seconds,
            "periods": state.periods,
            "throttled": state.throttled,
            "working_set": state.working_set,
            "memory_peak": self._peaks[1],
            "received": state.received + packets.received,
            "dropped_packets": packets.dropped,
            "broken_packets": packets.broken,
            "transmitted": state.transmitted + self._sent[1],
            "in_flight": state.in_flight,
            "queued": state.queued,
            "waiting": state.waiting,
        }

    def _connected(self, sockets: FloatArray) -> Mapping[str, FloatArray]:
        """(processes,): its open files, and the clients that it has or refuses."""
        engine, in_flight = self._traffic.engine, self._traffic.resources.state.in_flight
        held = engine.connections.open
        return {
            "sockets": sockets,
            "files": np.minimum(sockets + _FILES + self._lost_files, self._most_files),
            "connections": held,
            "idle_connections": np.maximum(held - in_flight, 0.0),
            "free_connections": np.maximum(self._most - held, 0.0),
            "refused_logins": engine.refused.logins,
            "refused_connections": engine.refused.connections,
        }

    def _kept(self, count: int) -> Mapping[str, FloatArray | float]:
        """(processes,): what lies on its disks and in its caches, and what it has read and written."""
        engine = self._traffic.engine
        disks, caches = engine.disks, engine.caches
        return {
            "data": _summed(disks.process, disks.used, count),
            "kept_hits": _summed(caches.process, caches.hits, count),
            "kept_misses": _summed(caches.process, caches.misses, count),
            "kept_entries": _summed(caches.process, caches.entries, count),
            "layer": _LAYER_BYTES + engine.resources.extras.disk,
            "read": _summed(disks.process, disks.read, count) + self._hogged[1],
            "written": _summed(disks.process, disks.written, count) + self._hogged[1],
        }

    def _accelerators(self, count: int) -> FloatArray | float:
        """How busy each process' accelerator is, 0..1."""
        inference, training = self._traffic.engine.inference, self._traffic.engine.training
        return _summed(inference.process, inference.busy, count) + _summed(training.member, training.busy, count)


def _summed(rows: IntArray, weights: FloatArray, count: int) -> FloatArray | float:
    """As `summed`; at once where there is nothing to add up."""
    return summed(rows, weights, count) if len(rows) else 0.0


def _lost_files(built: Program, running: Program) -> float:
    """How many files a process has open that it never closed: by so many its program may open fewer than it could."""
    if running.max_open_files == built.max_open_files:
        return 0.0
    return built.most_open_files - running.max_open_files


def _file_limit(built: Program) -> float:
    """The limit that a process was started with. A server that takes many clients raised it for them."""
    return built.max_open_files or max(built.max_connections, USUAL_OPEN_FILES)
