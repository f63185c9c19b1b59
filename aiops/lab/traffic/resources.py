"""CPU and memory of processes and nodes: who gets how much, what waits, who has to die."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from zlib import crc32

import numpy as np

from aiops.core.quantity import parse_quantity
from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.ports import ContainerUse
from aiops.lab.traffic.flow import Conditions, Flow
from aiops.lab.traffic.graph import IntArray
from aiops.lab.traffic.moments import normal_cdf
from aiops.lab.traffic.process import Process

_CFS_PERIOD = 0.1
_WARM_SECONDS = 55.0
_FULL_TRAFFIC = 1.0
"""Requests a second from which on a process warms up at full speed."""
_REQUEST_BYTES, _ANSWER_BYTES = 900.0, 3200.0
_SYSTEM_CPU = 0.12
"""Cores that each node's own services use."""

SYSTEM_BYTES, _SYSTEM_DISK, _SYSTEM_PROCESSES = 1.3 * 2**30, 12 * 2**30, 120
"""Memory, disk and processes that they use."""

_PLAIN_MEMORY = (3.0 * 2**20, 8.0 * 2**20)
"""Bytes at the start and when warm of a program that the application does not have."""

_DISK = 96 * 2**10
"""Bytes of a container's writable layer and log."""
_MOST_BUSY = 0.97
_DAMPING = 0.5
_MOST_REJECTED = 0.995


@dataclass(slots=True)
class ProcessState:
    """What is carried from step to step, each (processes,). Times in seconds, memory in bytes; counters never fall.

    `backlog` and `request_work` are CPU seconds: those that wait, and those that an average request takes."""

    warm_seconds: FloatArray
    backlog: FloatArray
    rejected: FloatArray
    waiting: FloatArray
    slowdown: FloatArray
    request_work: FloatArray
    working_set: FloatArray
    utilisation: FloatArray
    in_flight: FloatArray
    cpu_seconds: FloatArray
    periods: FloatArray
    throttled: FloatArray
    received: FloatArray
    transmitted: FloatArray


@dataclass(frozen=True, slots=True)
class Needs:
    """What does not change while a process runs, each (processes,). No limit is infinite; `pace` scales the warm-up."""

    node: IntArray
    cpu_limit: FloatArray
    memory_limit: FloatArray
    memory_base: FloatArray
    memory_warm: FloatArray
    request_bytes: FloatArray
    concurrency: FloatArray
    idle_cpu: FloatArray
    pace: FloatArray


class ResourceModel:
    """The state of every running process, and of the nodes."""

    def __init__(self, application: Application) -> None:
        self._memory = _memory_of_programs(application)
        self._nodes = {node.name: index for index, node in enumerate(application.nodes)}
        self.node_cores: FloatArray = np.array([node.cpu for node in application.nodes])
        self.node_cpu_seconds: FloatArray = np.zeros(len(application.nodes))
        self.node_utilisation: FloatArray = np.zeros(len(application.nodes))
        self.processes: tuple[Process, ...] = ()
        self.state = ProcessState(*(np.zeros(0) for _ in fields(ProcessState)))
        self.used_cores: FloatArray = np.zeros(0)
        self._rows: dict[str, int] = {}
        self._throttling: FloatArray = np.zeros(0)
        self.needs = self._needs(())

    def adopt(self, processes: Sequence[Process], nodes: Mapping[tuple[str, str], str]) -> None:
        """Take over a new set of processes; those known already keep their state. `nodes` names each pod's node."""
        old = {process.container.id: row for row, process in enumerate(self.processes)}
        rows = [old.get(process.container.id, -1) for process in processes]
        taken = np.array(rows, dtype=np.int64)
        for entry in fields(ProcessState):
            values = np.append(getattr(self.state, entry.name), 1.0 if entry.name == "slowdown" else 0.0)
            setattr(self.state, entry.name, values[taken])
        self.processes = tuple(processes)
        self.used_cores = np.append(self.used_cores, 0.0)[taken]
        self._rows = {process.container.id: row for row, process in enumerate(processes)}
        self.needs = self._needs([nodes.get((p.namespace, p.pod), "") for p in processes])

    def conditions(self) -> Conditions:
        return Conditions(self.state.rejected, self.state.waiting, self.state.slowdown)

    def step(self, flow: Flow, dt: float, rng: np.random.Generator) -> None:
        """Account for the work of one step of `dt` seconds, and set what the next one's requests will meet."""
        graph, needs, state, count = flow.graph, self.needs, self.state, len(self.processes)
        accepted = 1.0 - state.rejected
        offered = np.bincount(graph.process, weights=flow.requests * graph.cpu, minlength=count)
        offered *= np.exp(0.05 * rng.standard_normal(count))
        requests: FloatArray = np.bincount(graph.process, weights=flow.requests, minlength=count).astype(np.float64)
        demand = offered * accepted + needs.idle_cpu * dt * rng.uniform(0.7, 1.3, count)
        capacity = self._capacity(demand + state.backlog, dt)
        used = np.minimum(demand + state.backlog, capacity)
        state.request_work = np.where(requests > 0, offered / np.maximum(requests, 1e-9), state.request_work)
        room = needs.concurrency * state.request_work
        fits = np.clip((capacity + np.maximum(room - state.backlog, 0.0)) / np.maximum(offered, 1e-9), 0.0, 1.0)
        state.backlog = np.minimum(demand + state.backlog - used, room)
        state.utilisation = used / capacity
        seconds = np.bincount(graph.process, weights=flow.requests * flow.accepted_seconds, minlength=count) / dt
        crowd = np.clip(needs.concurrency / np.maximum(seconds, 1e-9), 0.0, 1.0)
        state.in_flight = np.minimum(seconds * accepted, needs.concurrency)
        wanted = 1.0 - np.minimum(fits, crowd)
        state.rejected = np.clip(state.rejected + _DAMPING * (wanted - state.rejected), 0.0, _MOST_REJECTED)
        state.rejected[state.rejected < 1e-4] = 0.0
        self._delay(capacity / dt, rng)
        self._use(used, requests, dt, rng)

    def use(self, container_id: str) -> ContainerUse | None:
        """What a container uses; None where it has no sample yet."""
        row = self._rows.get(container_id)
        if row is None or not self.state.working_set[row]:
            return None
        return ContainerUse(float(self.used_cores[row]), float(self.state.working_set[row]), float(_DISK))

    def node_use(self) -> dict[str, ContainerUse]:
        """What each node's processes and its own services use together, by name."""
        count = len(self.node_cores)
        memory = np.bincount(self.needs.node, weights=self.state.working_set, minlength=count)
        containers = np.bincount(self.needs.node, minlength=count)
        return {
            name: ContainerUse(
                float(self.node_utilisation[index] * self.node_cores[index]),
                float(memory[index] + SYSTEM_BYTES),
                float(containers[index] * _DISK + _SYSTEM_DISK),
                int(containers[index]) + _SYSTEM_PROCESSES,
            )
            for name, index in self._nodes.items()
        }

    def over_limit(self) -> list[Process]:
        """The processes whose memory is above their limit, which the kernel kills."""
        over = np.flatnonzero(self.state.working_set > self.needs.memory_limit)
        return [self.processes[row] for row in over]

    def _capacity(self, demand: FloatArray, dt: float) -> FloatArray:
        """CPU seconds that each process can have in this step: its limit, less where its node is full."""
        own = np.minimum(self.needs.cpu_limit, self.node_cores[self.needs.node]) * dt
        wanted = np.minimum(demand, own)
        nodes = len(self.node_cores)
        total = np.bincount(self.needs.node, weights=wanted, minlength=nodes)
        free = (self.node_cores * _MOST_BUSY - _SYSTEM_CPU) * dt
        squeeze = np.minimum(1.0, free / np.maximum(total, 1e-9))
        used = total * squeeze + _SYSTEM_CPU * dt
        self.node_cpu_seconds += used
        self.node_utilisation = used / (self.node_cores * dt)
        full = squeeze[self.needs.node] < 1.0
        return np.where(full, np.maximum(wanted * squeeze[self.needs.node], 1e-6), own)

    def _delay(self, cores: FloatArray, rng: np.random.Generator) -> None:
        """Waiting by Sakasegawa's approximation of M/M/c, plus the backlog, plus throttling by CFS periods.

        Source: H. Sakasegawa, "An approximation formula L_q = a rho^b / (1 - rho)", Ann. Inst. Stat. Math. 29, 1977."""
        state = self.state
        busy = np.minimum(state.utilisation, 0.98)
        servers = np.maximum(cores, 1.0)
        queued = state.request_work * busy ** (np.sqrt(2 * (servers + 1)) - 1) / (servers * (1.0 - busy))
        limited = np.isfinite(self.needs.cpu_limit)
        self._throttling = np.where(limited, 0.002 * busy + normal_cdf((state.utilisation - 0.9) / 0.08), 0.0)
        noise = np.exp(0.08 * rng.standard_normal(len(cores)))
        state.waiting = state.backlog / cores + queued + self._throttling * _CFS_PERIOD / 2
        state.slowdown = noise * (1.0 + self._throttling)

    def _use(self, used: FloatArray, requests: FloatArray, dt: float, rng: np.random.Generator) -> None:
        state, needs = self.state, self.needs
        state.cpu_seconds = state.cpu_seconds + used
        self.used_cores = used / dt
        active = dt / _CFS_PERIOD * np.clip(0.2 + 2.0 * state.utilisation, 0.0, 1.0)
        active = np.where(np.isfinite(needs.cpu_limit), active, 0.0)
        state.periods = state.periods + active
        state.throttled = state.throttled + active * np.minimum(self._throttling, 1.0)
        state.received = state.received + requests * _REQUEST_BYTES + 200.0 * dt
        state.transmitted = state.transmitted + requests * _ANSWER_BYTES + 300.0 * dt
        state.warm_seconds = state.warm_seconds + dt * np.minimum(requests / (dt * _FULL_TRAFFIC), 1.0) * needs.pace
        warmth = 1.0 - np.exp(-state.warm_seconds / _WARM_SECONDS)
        resting = needs.memory_base + (needs.memory_warm - needs.memory_base) * warmth
        noise = 1.0 + 0.006 * rng.standard_normal(len(resting))
        state.working_set = resting * noise + state.in_flight * needs.request_bytes

    def _needs(self, nodes: Sequence[str]) -> Needs:
        programs = [process.program for process in self.processes]
        starts = [process.container for process in self.processes]
        memory = [self._memory.get(process.name, _PLAIN_MEMORY) for process in self.processes]
        return Needs(
            node=np.array([self._nodes.get(name, 0) for name in nodes], dtype=np.int64),
            cpu_limit=np.array([s.cpu_limit or np.inf for s in starts], dtype=np.float64),
            memory_limit=np.array([s.memory_limit or np.inf for s in starts], dtype=np.float64),
            memory_base=np.array([base for base, _ in memory], dtype=np.float64),
            memory_warm=np.array([warm for _, warm in memory], dtype=np.float64),
            request_bytes=np.array([p.bytes_per_request for p in programs], dtype=np.float64),
            concurrency=np.array([p.concurrency for p in programs], dtype=np.float64),
            idle_cpu=np.array([p.idle_cpu for p in programs], dtype=np.float64),
            pace=np.array([_pace(s.id) for s in starts], dtype=np.float64),
        )


def _pace(container_id: str) -> float:
    """How fast a process warms up, 0.75 to 1.25: no two get quite the same requests."""
    return 0.75 + (crc32(container_id.encode()) % 1024) / 2048


def _memory_of_programs(application: Application) -> dict[str, tuple[float, float]]:
    """(bytes at the start, bytes when warm) of each program: what its largest workload was sized for."""
    found: dict[str, tuple[float, float]] = {}
    for workload in application.workloads.values():
        sizes = workload.resources
        limit = parse_quantity(sizes.memory_limit)
        need = (limit * sizes.memory_base, limit * sizes.memory_warm)
        found[workload.program] = max(found.get(workload.program, need), need)
    return found
