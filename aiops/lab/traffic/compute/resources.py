"""CPU and memory of processes and nodes: who gets how much, what waits, who has to die."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.ports import ContainerUse
from aiops.lab.traffic.callgraph.carrying import summed
from aiops.lab.traffic.compute.cpu import CFS_PERIOD, MOST_BUSY, cpu_wait, crowding, fair_shares, throttling
from aiops.lab.traffic.compute.needs import memory_of_programs, needs_of
from aiops.lab.traffic.compute.pace import Pace
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.solving.flow import Conditions, Flow
from aiops.lab.traffic.solving.queueing import blocked, mean_wait

_WARM_SECONDS = 55.0
_FULL_TRAFFIC = 1.0
"""Requests a second from which on a process warms up at full speed."""
_REQUEST_BYTES, _ANSWER_BYTES = 900.0, 3200.0
_SYSTEM_CPU = 0.12
"""Cores that each node's own services use."""

_LEAST_FREE = 0.4
"""Share of a node that its pods have, however little there is for it and its own services."""

SYSTEM_BYTES, _SYSTEM_DISK, _SYSTEM_PROCESSES = 1.3 * 2**30, 12 * 2**30, 120
"""Memory, disk and processes that they use."""

_SYSTEM_WEIGHT = 0.39
"""Share of a full node that what runs beside its pods gets, by the weights of `system.slice` and `kubepods.slice`."""

_DISK = 96 * 2**10
"""Bytes of a container's writable layer and log."""
_DAMPING = 0.7
_SETTLED = 0.01
_MOST_REJECTED = 0.995


@dataclass(slots=True)
class ProcessState:
    """What is carried from step to step, each (processes,). Times in seconds, memory in bytes; counters never fall.

    `backlog` and `request_work` are CPU seconds: those that wait, and those that an average request takes; `starting`
    those that a process still needs before it listens. `queued` requests wait for a worker, for `worker_wait`."""

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
    queued: FloatArray
    worker_wait: FloatArray
    leaked: FloatArray
    starting: FloatArray


@dataclass(slots=True)
class Extras:
    """What other parts of a process use, each (processes,) or 0: cores, bytes of memory, bytes on the node's disk; the
    share of time in which it stands still, and of requests that find no connection."""

    cores: FloatArray | float = 0.0
    memory: FloatArray | float = 0.0
    disk: FloatArray | float = 0.0
    paused: FloatArray | float = 0.0
    refused: FloatArray | float = 0.0


class ResourceModel:
    """The state of every running process, and of the nodes. `foreign` (5, nodes) is what others than pods use of them:
    cores, bytes of memory, bytes of disk, tracked connections, and the share of its CPU that the host below takes."""

    def __init__(self, application: Application) -> None:
        self._memory = memory_of_programs(application)
        self._nodes = {node.name: index for index, node in enumerate(application.nodes)}
        self.node_cores: FloatArray = np.array([node.cpu for node in application.nodes])
        self.node_disks: FloatArray = np.array([node.disk for node in application.nodes])
        self.node_cpu_seconds: FloatArray = np.zeros(len(application.nodes))
        self.node_stolen_seconds: FloatArray = np.zeros(len(application.nodes))
        self.node_utilisation: FloatArray = np.zeros(len(application.nodes))
        self.processes: tuple[Process, ...] = ()
        self.state = ProcessState(*(np.zeros(0) for _ in fields(ProcessState)))
        self.used_cores: FloatArray = np.zeros(0)
        self.resting: FloatArray = np.zeros(0)
        self.held: FloatArray = np.zeros(0)
        self.extras = Extras()
        self.foreign: FloatArray = np.zeros((5, len(application.nodes)))
        self._pace = Pace()
        self._rows: dict[str, int] = {}
        self._throttling: FloatArray = np.zeros(0)
        self._dearer: FloatArray = np.zeros(0)
        self._idling: FloatArray = np.zeros(0)
        self._requests: FloatArray = np.zeros(0)
        self._offered: FloatArray = np.zeros(0)
        self._seconds: FloatArray = np.zeros(0)
        self._demand: FloatArray = np.zeros(0)
        self._granted: FloatArray = np.zeros(0)
        self._work: FloatArray = np.zeros(0)
        self._next_rejected: FloatArray = np.zeros(0)
        self.needs = needs_of((), (), self._memory)

    def adopt(self, processes: Sequence[Process], nodes: Mapping[tuple[str, str], str]) -> None:
        """Take over a new set of processes; those known already keep their state. `nodes` names each pod's node."""
        taken = np.array([self._rows.get(process.container.id, -1) for process in processes], dtype=np.int64)
        for entry in fields(ProcessState):
            values = np.append(getattr(self.state, entry.name), 1.0 if entry.name == "slowdown" else 0.0)
            setattr(self.state, entry.name, values[taken])
        self.used_cores, self.resting, self.held = (
            np.append(values, 0.0)[taken] for values in (self.used_cores, self.resting, self.held)
        )
        self._pace.adopt(taken, len(self._nodes), [(p.namespace, p.name) for p in processes])
        self.extras = Extras()
        self.processes = tuple(processes)
        self._rows = {process.container.id: row for row, process in enumerate(processes)}
        self.needs = needs_of(
            processes, [self._nodes.get(nodes.get((p.namespace, p.pod), ""), 0) for p in processes], self._memory
        )
        self.state.starting[taken < 0] = self.needs.startup_work[taken < 0]

    @property
    def node_names(self) -> tuple[str, ...]:
        return tuple(self._nodes)

    def conditions(self) -> Conditions:
        """What requests meet at each process in the next step."""
        state, extras = self.state, self.extras
        rejected = 1.0 - (1.0 - state.rejected) * (1.0 - extras.refused)
        running = 1.0 - extras.paused
        return Conditions(rejected, state.waiting, state.slowdown / running, self._pace.errors)

    @property
    def stretch(self) -> FloatArray:
        """(processes,): by how much longer a request's work takes than unhindered, with its waits for a core."""
        state = self.state
        return state.slowdown + (state.waiting - state.worker_wait) / np.maximum(state.request_work, 1e-4)

    def begin(self, rng: np.random.Generator) -> None:
        """A new step: how much dearer requests are than usual, and how much idle processes do."""
        count = len(self.processes)
        self._dearer = np.exp(0.05 * rng.standard_normal(count))
        self._idling = self.needs.idle_cpu * rng.uniform(0.7, 1.3, count)

    def overloaded(self, flow: Flow, dt: float) -> bool:
        """Whether the counted requests want another share of them rejected than was; that is set then.

        What is rejected changes how many are sent again, so the two are settled together, round by round."""
        graph, needs, state, count = flow.graph, self.needs, self.state, len(self.processes)
        self._requests = summed(graph.process, flow.requests, count)
        self._offered = summed(graph.process, flow.requests * graph.cpu, count) * self._dearer
        self._seconds = summed(graph.process, flow.requests * flow.accepted_seconds, count) / dt
        own = (self._idling + self.extras.cores) * dt + state.starting
        self._demand = self._offered * (1.0 - state.rejected) + own
        self._granted = self._capacity(self._demand + state.backlog, dt)
        self._work = np.where(self._requests > 0, self._offered / np.maximum(self._requests, 1e-9), state.request_work)
        places = needs.concurrency + needs.queue_length
        room = np.maximum(places * self._work - state.backlog, 0.0)
        fits = (np.maximum(self._granted - own, 0.0) + room) / np.maximum(self._offered, 1e-9)
        holding = self._seconds - self._requests / dt * state.worker_wait
        crowded = blocked(holding / needs.concurrency, needs.concurrency, needs.queue_length)
        wanted = np.minimum(np.maximum(1.0 - np.minimum(fits, 1.0), crowded), _MOST_REJECTED)
        change = wanted - state.rejected
        self._next_rejected = state.rejected + _DAMPING * change
        self._next_rejected[self._next_rejected < 1e-4] = 0.0
        if np.abs(change).max(initial=0.0) < _SETTLED:
            return False
        state.rejected = self._next_rejected
        return True

    def step(self, flow: Flow, dt: float, rng: np.random.Generator) -> None:
        """Account for the work of one step of `dt` seconds, and set what the next one's requests will meet."""
        needs, state = self.needs, self.state
        accepted, capacity = 1.0 - state.rejected, self._granted
        self._demand = self._offered * accepted + (self._idling + self.extras.cores) * dt + state.starting
        used = np.minimum(self._demand + state.backlog, capacity)
        state.request_work = self._work
        room = (needs.concurrency + needs.queue_length) * self._work
        state.backlog = np.minimum(self._demand + state.backlog - used, room)
        state.utilisation = used / capacity
        state.in_flight = np.minimum(self._seconds * accepted, needs.concurrency) + needs.held
        if state.starting.any():
            state.starting = np.maximum(state.starting - used, 0.0)
        if needs.queues:
            self._queue(self._requests * accepted, self._seconds * accepted, dt)
        self._spend(used, dt)
        self._delay(capacity / dt, rng)
        self._use(used, self._requests, dt)
        self._remember(flow, self._requests, self._seconds, dt, rng)
        state.rejected = self._next_rejected

    def wait(self, container_id: str) -> float:
        """Seconds that a request waits at a process; 0 at one that is not known."""
        row = self._rows.get(container_id)
        return 0.0 if row is None else float(self.state.waiting[row])

    def use(self, container_id: str) -> ContainerUse | None:
        """What a container uses; None where it has no sample yet."""
        row = self._rows.get(container_id)
        if row is None or not self.state.working_set[row]:
            return None
        disk = _DISK + np.broadcast_to(self.extras.disk, self.used_cores.shape)[row]
        return ContainerUse(float(self.used_cores[row]), float(self.state.working_set[row]), float(disk))

    def node_use(self) -> dict[str, ContainerUse]:
        """What each node's processes and its own services use together, by name."""
        count = len(self.node_cores)
        memory = summed(self.needs.node, self.state.working_set, count) + self.foreign[1]
        disk = summed(self.needs.node, _DISK + np.zeros(len(self.processes)) + self.extras.disk, count)
        disk += self.foreign[2]
        containers = np.bincount(self.needs.node, minlength=count)
        return {
            name: ContainerUse(
                float(self.node_utilisation[index] * self._given()[index]),
                float(memory[index] + SYSTEM_BYTES),
                float(disk[index] + _SYSTEM_DISK),
                int(containers[index]) + _SYSTEM_PROCESSES,
            )
            for name, index in self._nodes.items()
        }

    def over_limit(self) -> list[Process]:
        """The processes whose memory is above their limit, which the kernel kills."""
        (over,) = (self.state.working_set > self.needs.memory_limit).nonzero()
        return [self.processes[row] for row in over.tolist()]

    def starting(self) -> list[Process]:
        """The processes that still work on their start."""
        (starting,) = (self.state.starting > 0).nonzero()
        return [self.processes[row] for row in starting.tolist()]

    def _capacity(self, demand: FloatArray, dt: float) -> FloatArray:
        """CPU seconds that each process can have in this step: its limit, less where its node is full."""
        needs = self.needs
        given = self._given()
        own = np.minimum(needs.cpu_limit, given[needs.node]) * dt
        wanted = np.minimum(demand, own)
        free = np.maximum(given * MOST_BUSY - _SYSTEM_CPU, given * _LEAST_FREE) * dt
        beside = np.minimum(self.foreign[0], given * _SYSTEM_WEIGHT) * dt
        got = fair_shares(wanted, needs.cpu_shares, needs.node, free - beside)
        return own if got is wanted else np.where(got < wanted, np.maximum(got, 1e-6), own)

    def _spend(self, used: FloatArray, dt: float) -> None:
        """The CPU time of nodes. A host takes what its guest would have used."""
        given = self._given()
        pods = summed(self.needs.node, used, len(given))
        free = np.maximum(given * MOST_BUSY - _SYSTEM_CPU, given * _LEAST_FREE) * dt
        spent = pods + np.minimum(self.foreign[0] * dt, np.maximum(free - pods, 0.0)) + _SYSTEM_CPU * dt
        self.node_cpu_seconds += spent
        self.node_utilisation = np.minimum(spent / (given * dt), 1.0)
        self.node_stolen_seconds += (self.node_cores - given) * dt * self.node_utilisation

    def _given(self) -> FloatArray:
        """The cores of each node that the host below leaves it."""
        given: FloatArray = self.node_cores * (1.0 - self.foreign[4])
        return given

    def _queue(self, requests: FloatArray, seconds: FloatArray, dt: float) -> None:
        """Requests that wait for a worker; `seconds` are those that all requests of a second take, waits included."""
        state, needs = self.state, self.needs
        rate = requests / dt
        holding = np.maximum(seconds / np.maximum(rate, 1e-9) - state.worker_wait, 1e-6)
        load = rate * holding / needs.concurrency
        queued = state.queued + (load - 1.0) * needs.concurrency * dt / holding
        state.queued = np.minimum(np.maximum(queued, 0.0), needs.queue_length)
        wait = np.where(needs.queue_length > 0, mean_wait(load, needs.concurrency, holding), 0.0)
        longest = needs.queue_length * holding / needs.concurrency
        state.worker_wait = np.minimum(wait + state.queued * holding / needs.concurrency, longest)

    def _delay(self, cores: FloatArray, rng: np.random.Generator) -> None:
        """How long requests wait for a core: in the queue (behind the backlog where there is one), and in throttled CFS
        periods."""
        state, needs = self.state, self.needs
        queued = cpu_wait(state.utilisation, cores, state.request_work)
        self._throttling = throttling(state.utilisation, needs.limited)
        behind = np.maximum(state.backlog / cores, queued)
        state.waiting = behind + self._throttling * (CFS_PERIOD / 2) + state.worker_wait
        self._pace.step(needs.node, rng)
        state.slowdown = self._pace.slowness * (1.0 + self._throttling) * crowding(self.node_utilisation)[needs.node]

    def _use(self, used: FloatArray, requests: FloatArray, dt: float) -> None:
        state, needs = self.state, self.needs
        state.cpu_seconds = state.cpu_seconds + used
        self.used_cores = used / dt
        active = needs.limited * (dt / CFS_PERIOD) * np.minimum(0.2 + 2.0 * state.utilisation, 1.0)
        state.periods = state.periods + active
        state.throttled = state.throttled + active * np.minimum(self._throttling, 1.0)
        state.received = state.received + requests * _REQUEST_BYTES + 200.0 * dt
        state.transmitted = state.transmitted + requests * _ANSWER_BYTES + 300.0 * dt

    def _remember(
        self, flow: Flow, requests: FloatArray, seconds: FloatArray, dt: float, rng: np.random.Generator
    ) -> None:
        """The memory that processes hold: what they always do, what requests in flight need, and what leaked."""
        state, needs, graph = self.state, self.needs, flow.graph
        state.warm_seconds = state.warm_seconds + dt * np.minimum(requests / (dt * _FULL_TRAFFIC), 1.0) * needs.pace
        warmth = 1.0 - np.exp(-state.warm_seconds / _WARM_SECONDS)
        self.resting = needs.memory_base + (needs.memory_warm - needs.memory_base) * warmth
        if needs.leaks:
            state.leaked = state.leaked + requests * needs.leak_a_request + dt * needs.leak_a_second
        flying = flow.requests * flow.accepted_seconds * graph.memory / dt
        held = summed(graph.process, flying, len(requests)) * (state.in_flight / np.maximum(seconds, 1e-9))
        self.held = held + state.leaked
        noise = 1.0 + 0.006 * rng.standard_normal(len(held))
        state.working_set = self.resting * noise + self.held + self.extras.memory
