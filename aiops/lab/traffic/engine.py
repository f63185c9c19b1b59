"""Everything that processes have inside, and callers protect themselves with, joined to the flow of requests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.model import Application
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.callgraph.carrying import summed
from aiops.lab.traffic.callgraph.graph import OUTCOMES, STATUSES, Graph
from aiops.lab.traffic.compute.resources import Extras, ResourceModel
from aiops.lab.traffic.inside.accelerators import Inference, Training
from aiops.lab.traffic.inside.brokers import Brokers
from aiops.lab.traffic.inside.caches import Caches
from aiops.lab.traffic.inside.collectors import Collectors
from aiops.lab.traffic.inside.disks import Disks
from aiops.lab.traffic.inside.locks import Locks
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.protection.connections import Connections
from aiops.lab.traffic.protection.protections import Protections
from aiops.lab.traffic.solving.flow import Conditions, Flow
from aiops.lab.traffic.telemetry.refused import RefusedTally
from aiops.lab.traffic.telemetry.tallies import Tallies, count_answers, count_attempts
from aiops.lab.traffic.transport.bottlenecks import Bottlenecks
from aiops.lab.traffic.transport.lookups import Lookups
from aiops.lab.traffic.transport.packets import Packets

_ROUNDS = 4
"""How often a step is settled at most, where so many requests are rejected that retries change how many come."""

_SPAN = 3
"""Steps for which a solution holds at most: as many as there are between two scrapes, which show only their sum."""

_CHANGE, _SLOWER, _LONGER = 0.01, 0.35, 0.03
"""What is no change: of a probability, of a time as a share of it, and of a time in seconds."""


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
        self.answers = Tallies(1 + len(STATUSES))
        self.attempts = Tallies(len(OUTCOMES))
        self.refused = RefusedTally()
        self.bottlenecks = Bottlenecks()
        self.packets = Packets()
        self.lookups = Lookups()
        self._burdened = False
        self._closed = True
        self._calm = False
        self._steps = 0
        self._met: Conditions | None = None
        self._probability: FloatArray | None = None

    def adopt(self, graph: Graph, nodes: Mapping[tuple[str, str], str]) -> None:
        """Take over a new graph. `nodes` names each pod's node."""
        self._met, self._calm, self._probability = None, False, None
        self._adopt_tallies(graph)
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
        self.packets.adopt(graph)
        self.lookups.adopt(graph)
        full = any(process.program.topics for process in graph.processes)
        self._burdened = bool(self.locks.keys or self.disks.keys or self.inference.keys or full)

    def _adopt_tallies(self, graph: Graph) -> None:
        ids = [process.container.id for process in graph.processes]
        self.answers.adopt(
            [(ids[h.process], h.method, h.path, h.ingress) if row else ("",) for row, h in enumerate(graph.handlers)]
        )
        self.attempts.adopt([call.key for call in graph.calls])
        self.refused.adopt(graph)

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

    def solve(self, flow: Flow, arrivals: FloatArray, dt: float, rng: np.random.Generator) -> None:
        """Let users' requests (at each of the graph's `entry_rows`) and messages flow for `dt` seconds.

        The last solution holds for a span of some steps where nothing moves. Where many requests are rejected, the
        share of them and the retries that it causes are settled together, round by round."""
        self.resources.begin(rng)
        conditions = self.resources.conditions()
        if self._is_due(flow, conditions):
            self._settle(flow, rng)
        self._count(flow, arrivals, dt)
        rounds = 1
        while self.resources.overloaded(flow, dt) and rounds < _ROUNDS:
            self._settle(flow, rng)
            self._count(flow, arrivals, dt)
            rounds += 1

    def step(self, flow: Flow, dt: float, rng: np.random.Generator) -> None:
        """Account for the requests that have flown in the last `dt` seconds."""
        resources = self.resources
        flow.gather(dt)
        resources.step(flow, dt, rng)
        self.brokers.step(flow)
        if self.training.keys:
            self.training.step(resources.state.slowdown, dt)
        self._steps += 1
        if self._steps % _SPAN == 0 or not self._calm:
            self.close(flow, rng)

    def close(self, flow: Flow, rng: np.random.Generator) -> None:
        """Tell the parts what flowed in the span that ends now; the next step is settled anew."""
        self.tell(flow)
        seconds, resources = flow.span.seconds, self.resources
        self._closed = True
        if not seconds:
            return
        self.caches.step(flow, seconds)
        if self.locks.keys:
            self.locks.step(flow, resources.stretch, seconds)
        self.disks.step(flow, seconds)
        self.protections.step(flow, seconds, rng)
        self.connections.step(flow, self.protections.pools, seconds)
        self.collectors.step(flow, resources.resting, resources.held, seconds)
        self.inference.step(flow, seconds)
        self.bottlenecks.step(flow, seconds)
        self.packets.step(flow, seconds)
        flow.span.clear()
        resources.extras = self._extras(len(flow.graph.processes))
        self._probability = self.caches.probability(flow.graph, flow)
        steady = np.abs(self._probability - flow.probability).max(initial=0.0) < _CHANGE
        self._calm = bool(steady and self.protections.calm and self.locks.calm)
        self._calm &= not (resources.state.rejected.any() or self.bottlenecks.backlog.any())

    def tell(self, flow: Flow) -> None:
        """Bring the tallies up to date."""
        if flow.untold.seconds:
            count_answers(self.answers, flow)
            count_attempts(self.attempts, flow)
            self.refused.count(flow)
            self.lookups.count(flow, self.resources.state.waiting)
            flow.untold.clear()

    def _is_due(self, flow: Flow, conditions: Conditions) -> bool:
        """Whether what requests meet is another than when the flow was settled."""
        if self._closed or not flow.settled or self._met is None:
            return True
        met = self._met
        if np.abs(conditions.rejected - met.rejected).max(initial=0.0) > _CHANGE / 4:
            return True
        slower = np.abs(conditions.slowdown - met.slowdown) > _SLOWER * met.slowdown
        longer = np.abs(conditions.waiting - met.waiting) > _SLOWER * met.waiting + _LONGER
        return bool(slower.any() or longer.any())

    def _settle(self, flow: Flow, rng: np.random.Generator) -> None:
        if not self._closed:
            self.close(flow, rng)
        known = self._probability
        flow.probability = self.caches.probability(flow.graph, flow) if known is None else known
        self._probability = None
        flow.balance(rng)
        self._met = self.conditions(flow.graph)
        flow.settle(self._met, self.protections.limits())
        self._closed = False

    def _count(self, flow: Flow, arrivals: FloatArray, dt: float) -> None:
        brokers = self.brokers
        flow.count(flow.graph.entry_rows, arrivals)
        if len(brokers.entries):
            flow.count_more(brokers.entries, brokers.take(flow, dt))

    def exhausted(self) -> list[Process]:
        """The processes whose heap is used up."""
        return self.collectors.exhausted(self.resources.processes)

    def _extras(self, count: int) -> Extras:
        extras = Extras(cores=self.packets.cores, refused=self.connections.refused)
        if self.collectors.keys or self.training.keys:
            extras.cores += summed(self.collectors.process, self.collectors.cores, count) + self.training.cores(count)
            extras.paused = summed(self.collectors.process, self.collectors.paused, count)
        if self.caches.keys:
            extras.memory = summed(self.caches.process, self.caches.entries * self.caches.bytes_of_entry, count)
        if self.disks.keys:
            extras.disk = self.disks.ephemeral(count)
        return extras
