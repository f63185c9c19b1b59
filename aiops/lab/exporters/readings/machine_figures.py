"""What the machines' kernels count: time of the CPUs, load, disks, network, pressure. They outlive every process."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.program import DISK_BANDWIDTH
from aiops.lab.exporters.readings.cards import DOUBLE_BIT_ERRORS, LINK_ERRORS, Cards
from aiops.lab.exporters.readings.hardware import Hardware
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.carrying import carried, rows_of, summed
from aiops.lab.traffic.compute.resources import SYSTEM_BYTES
from aiops.lab.traffic.network.interference import TRACKED_CONNECTIONS
from aiops.lab.traffic.processes.process import Process

_LOADS = (60.0, 300.0, 900.0)
"""Seconds over which the kernel's three load averages forget."""

_RECLAIMING = 0.05
"""The share of the memory that is left when the kernel begins to look for pages that it can take back."""

_IDLE_CELSIUS, _WORK_CELSIUS = 34.0, 36.0
"""How hot an accelerator is that does nothing, and how much hotter work makes it at most."""

_SYSTEM_FILES = 1_500.0


class MachineFigures:
    """Each (nodes,). Counters add up what the processes of a node have done since the last reading."""

    def __init__(self, traffic: Traffic, hardware: Hardware) -> None:
        nodes = traffic.application.nodes
        self._traffic = traffic
        self._hardware = hardware
        self._memory: FloatArray = np.array([node.memory for node in nodes])
        self._rows = {node.name: row for row, node in enumerate(nodes)}
        count = len(nodes)
        self._loads: FloatArray = np.zeros((len(_LOADS), count))
        self._counted: FloatArray = np.zeros((9, count))
        self._keys: tuple[Hashable, ...] = ()
        self._before: FloatArray = np.zeros((5, 0))
        self._moved: FloatArray = np.zeros(0)
        self._sent: FloatArray = np.zeros(0)
        self._kills: dict[tuple[str, str, str], int] = {}
        self._seen = -1
        self._offset, self._heat, self._xid = (np.zeros(count) for _ in range(3))
        self._slower: FloatArray = np.ones(count)
        self._cards = Cards(traffic)
        self._errors: FloatArray = np.zeros((2, count))
        self._sized = any(node.disk for node in nodes)
        self._oom: FloatArray = np.zeros(count)
        self._first = 0.0
        self._last = 0.0

    def adopt(self) -> None:
        """Take over another set of processes: what they have counted so far is known, what ended is forgotten."""
        processes = self._traffic.flow.graph.processes
        keys = tuple(process.container.id for process in processes)
        self._before = carried(rows_of(self._keys), keys, self._before, 0.0)
        self._keys = keys
        self._moved = np.array([process.plight.moved for process in processes], dtype=np.float64)
        self._sent = np.array([process.plight.sent for process in processes], dtype=np.float64)
        kills = self._traffic.runtime.oom_kills
        nodes = self._traffic.resources.needs.node.tolist()
        for process, node in zip(processes, nodes, strict=True):
            self._oom[node] += kills.get(process.place, 0) - self._kills.get(process.place, 0)
            self._kills[process.place] = kills.get(process.place, 0)

    def containers(self) -> FloatArray:
        """How many run on each machine."""
        return np.bincount(self._traffic.resources.needs.node, minlength=len(self._memory)).astype(np.float64)

    def pods(self) -> FloatArray:
        """How many pods with a running container are on each machine."""
        nodes = self._traffic.resources.needs.node.tolist()
        found = {(process.namespace, process.pod): node for process, node in zip(self._processes(), nodes, strict=True)}
        return np.bincount(list(found.values()), minlength=len(self._memory)).astype(np.float64)

    def _processes(self) -> Sequence[Process]:
        return self._traffic.flow.graph.processes

    def read(self, now: float, sockets: FloatArray) -> Mapping[str, FloatArray]:
        """The figures at `now` (unix seconds). Reading twice at one moment counts once."""
        self._first, self._last = self._first or now, self._last or now
        resources = self._traffic.resources
        used = self._used()
        if now != self._last:
            self._count(now - self._last, used)
        self._last = now
        node, count = resources.needs.node, len(self._memory)
        busy, cores = resources.node_cpu_seconds, resources.node_cores
        waited, connected = self._counted[4], summed(node, sockets, count)
        idle = np.maximum((now - self._first) * cores - busy - waited - resources.node_stolen_seconds, 0.0)
        self._look()
        return {
            "node_offset": self._offset,
            "node_now": now + self._offset,
            "node_accelerator_clock": self._cards.clocks / self._slower,
            "node_throttled_microseconds": self._counted[8] * 1e6,
            "node_double_bit_errors": self._errors[0],
            "node_link_errors": self._errors[1],
            "node_accelerator_celsius": np.maximum(self._heat, _IDLE_CELSIUS),
            "node_xid": self._xid,
            "node_busy": busy,
            "node_idle": idle,
            "node_waited": waited,
            "node_stolen": resources.node_stolen_seconds,
            "node_memory": self._memory,
            "node_available": np.maximum(self._memory - used, 0.0),
            "node_load1": self._loads[0],
            "node_load5": self._loads[1],
            "node_load15": self._loads[2],
            "node_runnable": np.ceil(resources.node_utilisation * cores),
            "node_received": self._counted[0],
            "node_transmitted": self._counted[1],
            "node_read": self._counted[2],
            "node_written": self._counted[3],
            "node_cpu_pressure": self._counted[5],
            "node_memory_pressure": self._counted[7],
            "node_retransmitted": self._counted[6],
            "node_oom_kills": self._oom,
            "node_disk": resources.node_disks,
            "node_disk_free": np.maximum(resources.node_disks - self._on_disk(), 0.0),
            "node_sockets": connected,
            "node_tracked": np.minimum(connected + resources.foreign[3], TRACKED_CONNECTIONS),
            "node_files": connected + _SYSTEM_FILES,
            "node_boot": np.full(count, self._first - 86400.0 * 11),
        }

    def standing(self) -> Mapping[str, FloatArray]:
        """(nodes,): what changes only with the layout."""
        return {"node_pods": self.pods(), "node_containers": self.containers(), **self._cards.standing()}

    def cards(self, busy: FloatArray | float) -> Mapping[str, FloatArray | float]:
        """(processes,): what the accelerator of each process tells by its utilisation, 0..1."""
        return self._cards.read(busy, self._slower)

    def celsius(self, busy: FloatArray | float) -> FloatArray | float:
        """(processes,): how hot the accelerator of each process is by its utilisation, 0..1."""
        warm = _IDLE_CELSIUS + _WORK_CELSIUS * np.asarray(busy)
        found: FloatArray = np.maximum(warm, self._heat[self._traffic.resources.needs.node])
        return found

    def _hogs(self) -> FloatArray | None:
        """Bytes a second that processes move which are no stores; None where there are none."""
        if not self._moved.any():
            return None
        return summed(self._traffic.resources.needs.node, self._moved, len(self._memory))

    def _used(self) -> FloatArray:
        """Bytes of memory that are not to be had."""
        resources = self._traffic.resources
        pods = summed(resources.needs.node, resources.state.working_set, len(self._memory))
        used: FloatArray = pods + SYSTEM_BYTES + resources.foreign[1]
        return used

    def _look(self) -> None:
        """See what is wrong with the machines, where that may have changed."""
        hardware, names = self._hardware, list(self._rows)
        if hardware.version() == self._seen:
            return
        self._seen = hardware.version()
        self._offset = np.array([hardware.clock_offset(name) for name in names])
        self._heat = np.array([hardware.accelerator_celsius(name) for name in names])
        self._slower = np.array([hardware.accelerator_slowdown(name) for name in names])
        self._xid = np.array([float(hardware.xid(name)) for name in names])
        self._errors = np.array([np.isin(self._xid, kinds) for kinds in (DOUBLE_BIT_ERRORS, LINK_ERRORS)], dtype=float)

    def _on_disk(self) -> FloatArray:
        """Bytes on each machine's own disk; 0 where no machine says how large it is, for then nobody asks."""
        resources = self._traffic.resources
        if not self._sized:
            return resources.node_disks
        return np.array([use.disk for use in resources.node_use().values()])

    def _count(self, dt: float, used: FloatArray) -> None:
        resources, disks = self._traffic.resources, self._traffic.engine.disks
        node, count, processes = resources.needs.node, len(self._memory), len(self._keys)
        state = resources.state
        total = np.zeros((5, processes))
        total[0], total[1] = state.received, state.transmitted
        packets = self._traffic.engine.packets
        total[4] = packets.dropped + packets.broken
        moving = self._hogs()
        if moving is not None:
            self._counted[2:4] += dt / 2.0 * moving
        if self._sent.any():
            self._counted[1] += dt * summed(node, self._sent, count)
        if len(disks.process) or moving is not None:
            total[2], total[3] = (summed(disks.process, values, processes) for values in (disks.read, disks.written))
            reading = summed(node[disks.process], disks.waited, count)
            reading = np.minimum(reading if moving is None else reading + moving / DISK_BANDWIDTH, 1.0)
            self._counted[4] += dt * reading * (1.0 - resources.node_utilisation)
        for number, grown in enumerate(np.maximum(total - self._before, 0.0)[: 4 if len(disks.process) else 2]):
            self._counted[number] += summed(node, grown, count)
        if total[4].any():
            self._counted[6] += summed(node, np.maximum(total[4] - self._before[4], 0.0), count)
        self._counted[8] += dt * (1.0 - 1.0 / self._slower)
        self._before = total
        left = np.maximum(self._memory - used, 0.0) / self._memory
        if left.min() < _RECLAIMING:
            self._counted[7] += dt * np.maximum(1.0 - left / _RECLAIMING, 0.0) ** 2
        self._counted[5] += dt * _waiting(resources.node_utilisation, resources.node_cores)
        runnable = resources.node_utilisation * resources.node_cores
        for load, seconds in zip(self._loads, _LOADS, strict=True):
            load += (runnable - load) * -np.expm1(-dt / seconds)


def _waiting(utilisation: FloatArray, cores: FloatArray) -> FloatArray:
    """The share of time in which somebody waits for a core: the probability of waiting in a queue with several servers
    (H. Sakasegawa, "An approximation formula", Ann. Inst. Statist. Math. 29, 1977)."""
    found: FloatArray = np.minimum(utilisation, 1.0) ** np.sqrt(2.0 * (cores + 1.0))
    return found
