"""Everything that processes have inside, and callers protect themselves with, joined to the flow of requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.accelerators import Inference, Training
from aiops.lab.traffic.bottlenecks import Bottlenecks
from aiops.lab.traffic.brokers import Brokers
from aiops.lab.traffic.caches import Caches
from aiops.lab.traffic.carrying import summed
from aiops.lab.traffic.collectors import Collectors
from aiops.lab.traffic.connections import Connections
from aiops.lab.traffic.disks import Disks
from aiops.lab.traffic.flow import Conditions, Flow
from aiops.lab.traffic.graph import Graph
from aiops.lab.traffic.locks import Locks
from aiops.lab.traffic.process import Process
from aiops.lab.traffic.protections import Protections
from aiops.lab.traffic.resources import Extras, ResourceModel

_ROUNDS = 4
"""How often a step is settled at most, where so many requests are rejected that retries change how many come."""


class Engine:
    """The parts by name; `solve` lets the requests of one step flow, `step` accounts for what they used."""

    def __init__(self, application: Application, view: ClusterView) -> None:
        self.resources = ResourceModel(application)
        self.protections = Protections()
        self.caches = Caches()
        self.locks = Locks()
        self.disks = Disks(view)
        self.connections = Connections()
        self.collectors = Collectors()
        self.brokers = Brokers()
        self.inference = Inference()
        self.training = Training()
        self.bottlenecks = Bottlenecks()
        self._burdened = False

    def adopt(self, graph: Graph, nodes: Mapping[tuple[str, str], str]) -> None:
        """Take over a new graph. `nodes` names each pod's node."""
        self.resources.adopt(graph.processes, nodes)
        needs = self.resources.needs
        self.protections.adopt(graph)
        self.caches.adopt(graph)
        self.locks.adopt(graph)
        self.disks.adopt(graph, self.resources.node_disks[needs.node])
        self.connections.adopt(graph, self.protections.pools)
        self.collectors.adopt(graph, needs.memory_limit)
        self.brokers.adopt(graph)
        self.inference.adopt(graph)
        self.training.adopt(graph)
        self.bottlenecks.adopt(graph)
        full = any(process.program.topics for process in graph.processes)
        self._burdened = bool(self.locks.keys or self.disks.keys or self.inference.keys or full)

    def conditions(self, graph: Graph) -> Conditions:
        """What requests meet at processes and handlers in the next step."""
        found = self.resources.conditions()
        if not self._burdened:
            return found
        delay, broken = np.zeros(len(graph.handlers)), np.zeros(len(graph.handlers))
        status = graph.error_status.copy()
        self.locks.burden(delay, broken, status)
        self.disks.burden(delay, broken, status)
        self.brokers.burden(broken, status)
        self.inference.burden(delay)
        found.delay, found.broken, found.broken_status = delay, broken, status
        return found

    def solve(self, flow: Flow, arrivals: Sequence[FloatArray], dt: float, rng: np.random.Generator) -> None:
        """Let users' requests (one array for each of the graph's entries) and messages flow for `dt` seconds."""
        self.resources.begin(rng)
        flow.probability = self.caches.probability(flow.graph, flow)
        flow.balance(rng)
        self._round(flow, arrivals, dt)
        rounds = 1
        while self.resources.overloaded(flow, dt) and rounds < _ROUNDS:
            self._round(flow, arrivals, dt)
            rounds += 1

    def _round(self, flow: Flow, arrivals: Sequence[FloatArray], dt: float) -> None:
        graph = flow.graph
        flow.settle(self.conditions(graph), self.protections.limits())
        flow.count(graph.entries, arrivals)
        if len(self.brokers.entries):
            handlers = self.brokers.entries
            flow.count([*graph.entries, handlers], [*arrivals, self.brokers.take(flow, dt)])

    def step(self, flow: Flow, dt: float, rng: np.random.Generator) -> None:
        """Account for the requests that have flown in the last `dt` seconds."""
        resources, count = self.resources, len(flow.graph.processes)
        resources.step(flow, dt, rng)
        self.caches.step(flow, dt)
        if self.locks.keys:
            self.locks.step(flow, resources.stretch, dt)
        self.disks.step(flow, dt)
        self.protections.step(flow, dt, rng)
        self.connections.step(flow, self.protections.pools, dt)
        self.collectors.step(flow, resources.resting, resources.held, dt)
        self.brokers.step(flow)
        self.inference.step(flow, dt)
        self.training.step(resources.state.slowdown, dt)
        self.bottlenecks.step(flow, dt)
        resources.extras = self._extras(count)

    def exhausted(self) -> list[Process]:
        """The processes whose heap is used up."""
        return self.collectors.exhausted(self.resources.processes)

    def _extras(self, count: int) -> Extras:
        extras = Extras(refused=self.connections.refused)
        if self.collectors.keys or self.training.keys:
            extras.cores = summed(self.collectors.process, self.collectors.cores, count) + self.training.cores(count)
            extras.paused = summed(self.collectors.process, self.collectors.paused, count)
        if self.caches.keys:
            extras.memory = summed(self.caches.process, self.caches.entries * self.caches.bytes_of_entry, count)
        if self.disks.keys:
            extras.disk = self.disks.ephemeral(count)
        return extras
