"""What the traffic feels of the disturbances in the book; implements `traffic.interference.Interference`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from aiops.core.disturbance import Behaviour
from aiops.core.disturbance.behaviour import ConnectionLeak, Crash, FileLeak
from aiops.core.disturbance.machine import (
    AcceleratorFailed,
    ApiServerOverload,
    NodeClock,
    NodeConnections,
    NodeCpu,
    NodeDisk,
    NodeMemory,
    NodeSteal,
)
from aiops.core.telemetry import FloatArray
from aiops.lab.apps.program import Program
from aiops.lab.disturbances.accelerators import DEVICE_LOST, uses_accelerator
from aiops.lab.disturbances.book import DisturbanceBook, Entry, behaviours_of
from aiops.lab.disturbances.paths import Paths
from aiops.lab.disturbances.processes import Surroundings, afflict, changes, concerns, nodes_of, state_of
from aiops.lab.disturbances.surges import surge
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.processes.process import Plight, Process

_LOOKING = 2.0
"""Seconds for which a process looks for its device before it gives up."""


_MOST_STOLEN = 0.99
"""Of a machine's CPU: a host that takes all of it has stopped the machine."""


class Disturbed:
    """`rate` is how many users come a second."""

    def __init__(self, book: DisturbanceBook, view: ClusterView, rate: float) -> None:
        self._book = book
        self._view = view
        self._rate = rate
        self._afflicted = False
        self._leaking: list[Process] = []

    @property
    def revision(self) -> int:
        return self._book.revision

    def pulse(self) -> None:
        if not self._leaking:
            return
        entries, around = self._book.awake(), self._around(self._leaking)
        for process in self._leaking:
            if _left(state_of(process, entries, around)[0]) != _left(process.program):
                self._book.renew()
                return

    def afflict(self, processes: Iterable[Process]) -> None:
        entries = self._book.awake()
        if not entries and not self._afflicted:
            return
        self._afflicted = bool(entries)
        processes = list(processes)
        around = self._around(processes)
        leaks = [entry for entry in entries if any(map(_leaks, behaviours_of(entry.disturbance)))]
        self._leaking = [p for p in processes if any(concerns(entry, p, self._view) for entry in leaks)]
        for process in processes:
            afflict(process, entries, around)

    def plight(self, process: Process) -> Plight:
        entries = self._book.awake()
        if not entries:
            return Plight()
        self._afflicted = True
        return state_of(process, entries, self._around([process]))[1]

    def clocks(self) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for clock in self._book.of(NodeClock):
            for node in nodes_of(clock.nodes, self._view):
                found[node] = found.get(node, 0.0) + clock.seconds
        return found

    def feels(self, entry: Entry, processes: Sequence[Process]) -> bool:
        """Whether any of the processes is another one by a disturbance than without."""
        around = self._around(processes)
        return any(changes(process, entry, around) for process in processes)

    def paths(self) -> Paths | None:
        return (Paths(self._book, self._view) or None) if self._book else None

    def surge(self, now: float, tenants: Sequence[str], operations: Sequence[str]) -> FloatArray | None:
        return surge(self._book, now, tenants, operations) if self._book else None

    def ends(self, processes: Iterable[Process], now: float) -> list[tuple[Process, int]]:
        if not self._book:
            return []
        crashes = [
            (entry, behaviour)
            for entry in self._book.awake()
            for behaviour in behaviours_of(entry.disturbance)
            if isinstance(behaviour, Crash)
        ]
        lost = [entry for entry in self._book.awake() if isinstance(entry.disturbance, AcceleratorFailed)]
        if not crashes and not lost:
            return []
        crashed = [
            (process, crash.exit_code)
            for process in processes
            for entry, crash in crashes
            if now - process.container.started_at >= crash.after_seconds and concerns(entry, process, self._view)
        ]
        without = [
            (process, DEVICE_LOST)
            for process in processes
            for entry in lost
            if now - process.container.started_at >= _LOOKING and uses_accelerator(process)
            if concerns(entry, process, self._view)
        ]
        return crashed + without

    def refusals(self) -> float:
        return max((overload.percent / 100 for overload in self._book.of(ApiServerOverload)), default=0.0)

    def foreign(self, nodes: Sequence[str]) -> FloatArray:
        used = np.zeros((5, len(nodes)))
        rows = {name: row for row, name in enumerate(nodes)}
        for beside in self._book.of(NodeCpu, NodeMemory, NodeDisk, NodeConnections, NodeSteal):
            amount = [0.0, 0.0, 0.0, 0.0, 0.0]
            match beside:
                case NodeCpu():
                    amount[0] = beside.cores
                case NodeMemory():
                    amount[1] = beside.bytes
                case NodeDisk():
                    amount[2] = beside.bytes
                case NodeConnections():
                    amount[3] = beside.entries
                case NodeSteal():
                    amount[4] = beside.percent / 100
            for name in nodes_of(beside.nodes, self._view):
                used[:, rows[name]] += amount
        used[4] = np.minimum(used[4], _MOST_STOLEN)
        return used

    def _around(self, processes: Sequence[Process]) -> Surroundings:
        gateways = sum(process.built.role == "gateway" for process in processes)
        return Surroundings(self._view, self._book.now(), self._rate / max(gateways, 1))


def _leaks(behaviour: Behaviour) -> bool:
    """Whether it goes on by the mere passing of time."""
    return isinstance(behaviour, ConnectionLeak | FileLeak)


def _left(program: Program) -> tuple[float, ...]:
    """How many files and connections a program still has."""
    return (program.max_open_files, *(pool.size for pool in program.pools.values()))
