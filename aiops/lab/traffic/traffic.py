"""The data plane of one cluster, stepped by the world: requests flow, processes work, die, log and are traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from aiops.lab.apps.model import Application
from aiops.lab.jaeger.store import TraceStore
from aiops.lab.logs.phrases import Phrases
from aiops.lab.ports import ClusterView, ContainerUse
from aiops.lab.traffic.callgraph.compiling import compile_graph
from aiops.lab.traffic.callgraph.graph import STATUSES
from aiops.lab.traffic.callgraph.wiring import Wiring
from aiops.lab.traffic.compute.resources import ResourceModel
from aiops.lab.traffic.demand.arrivals import Streams
from aiops.lab.traffic.demand.users import Users, Visitors
from aiops.lab.traffic.engine import Engine
from aiops.lab.traffic.network.front_door import FrontDoor
from aiops.lab.traffic.network.interference import Interference, Path, Paths, Undisturbed
from aiops.lab.traffic.network.network import READ, Network, network_fingerprint
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.processes.api_reads import ApiReads
from aiops.lab.traffic.processes.process import Plight, Process
from aiops.lab.traffic.runtime.container_runtime import ContainerRuntime
from aiops.lab.traffic.runtime.probes import kubelet
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.telemetry.journal import LogWriter
from aiops.lab.traffic.telemetry.notices import NoticeWriter
from aiops.lab.traffic.telemetry.recorder import Recorder
from aiops.lab.traffic.telemetry.sampling import TraceSampler
from aiops.lab.traffic.telemetry.tallies import Tallies
from aiops.lab.writes import Writes

_QUICK = 0.002
"""Seconds of an answer that needs no work."""

_NEVER = 3600.0
"""Seconds that a request to a process waits which answers nobody."""

_PATIENCE = 1.0
"""Seconds that a probe waits for its answer where nobody says how long."""

_NOTICES = 3
"""The stream of random numbers of notices, beside those of the flow, of logs and of traces."""


class Traffic:
    """Users, network and processes of an application. `runtime` is what the kubelet drives, whose
    `Surroundings` this is; call `step` every tick."""

    def __init__(
        self,
        application: Application,
        view: ClusterView,
        *,
        seed: int,
        now: Callable[[], float],
        interference: Interference | None = None,
    ) -> None:
        self._interference = interference or Undisturbed()
        self._undergone = self._interference.revision
        self._hung: frozenset[str] = frozenset()
        self.application = application
        self.view = view
        self.traces = TraceStore()
        phrases = Phrases()
        self.runtime = ContainerRuntime(application.programs, view, now, phrases)
        self.front_door = FrontDoor(view)
        self.api_reads = ApiReads(view, self._interference.refusals)
        self.engine = Engine(application, view)
        self.visitors = Visitors(application, self.front_door, seed, self._interference)
        self.layout = 0
        self._streams = Streams(seed)
        self._recorder = Recorder(LogWriter(phrases, self.runtime.container_logs.book), TraceSampler(self.traces), seed)
        self.traces.catch_up = self.runtime.container_logs.book.catch_up = self._recorder.catch_up
        self._notices = NoticeWriter(phrases, self.front_door, self.api_reads)
        self._network = Network(view)
        self._fingerprint: tuple[str, ...] = ()
        self._writes = Writes(view, READ)
        self._seen_processes = -1
        self._rows: tuple[int, dict[tuple[str, str, str], int]] = (-1, {})
        self.flow = self._wire(0.0)
        self.runtime.surroundings = self

    def step(self, now: float, dt: float) -> None:
        """Let `dt` seconds of traffic pass, up to the moment `now`."""
        self.runtime.settle()
        rng = self._streams.at(now)
        same = self.runtime.revision == self._seen_processes
        processes = self.flow.graph.processes if same else self.runtime.running()
        starving = self.api_reads.step(processes, now, dt)
        if self._moved() or starving:
            self.engine.close(self.flow, rng)
            self.flow = self._wire(now)
        come = self.visitors.spread(self.visitors.come(now, dt, rng), self.flow.graph, rng)
        if not self.flow.graph.processes:
            return
        self.engine.solve(self.flow, come, dt, rng)
        self.visitors.account(self.flow)
        self.engine.step(self.flow, dt, rng)
        conditions = self.resources.conditions()
        peers = self._network.peers
        brokers, collectors = self.engine.brokers, self.engine.collectors
        self._recorder.record(self.flow, conditions, brokers, collectors, peers, now, dt)
        self._notices.write(self.flow.graph.processes, now, dt, self._streams.at(now, _NOTICES))
        for process, exit_code in self._interference.ends(self.flow.graph.processes, now):
            self.runtime.end(process, exit_code)
        for process in self.resources.over_limit():
            self.runtime.kill_for_memory(process)
        for process in self.engine.exhausted():
            self.runtime.end_for_heap(process)
        for process in self.engine.disks.stranded():
            self.runtime.end_for_disk(process)
        for process in self.resources.starting():
            self.runtime.listen_later(process, now + dt)

    @property
    def resources(self) -> ResourceModel:
        return self.engine.resources

    @property
    def answers(self) -> Tallies:
        """What the handlers have answered since their processes started."""
        self.engine.tell(self.flow)
        return self.engine.answers

    @property
    def attempts(self) -> Tallies:
        """What the calls have met since their processes started."""
        self.engine.tell(self.flow)
        return self.engine.attempts

    @property
    def users(self) -> Users:
        return self.visitors.users

    def address(self, process: Process) -> str:
        """The address of a process' pod; empty where it has none."""
        peer = self._network.peers.get((process.namespace, process.pod))
        return peer.address if peer else ""

    def admits(self, source: Peer, pod: tuple[str, str], port: int) -> bool:
        """Whether the network lets `source` connect to a port of a pod (namespace, name)."""
        target = self._network.peers.get(pod)
        return target is not None and bool(target.address) and self._network.policies.allows(source, target, port)

    def way(self, source: Peer, pod: tuple[str, str], timeout: float) -> Path:
        """What packets meet on their way from `source` to a pod (namespace, name), of which an answer is expected in
        `timeout` seconds."""
        paths, target = self._interference.paths(), self._network.peers.get(pod)
        return Path() if paths is None or target is None else paths.between(source, target, timeout)

    def _reaches_probes(self, paths: Paths) -> bool:
        """Whether anything disturbs packets between a kubelet and one of its pods."""
        ways = (paths.between(kubelet(peer.node), peer, _PATIENCE) for peer in self._network.peers.values())
        return any(way.delay or way.lost for way in ways)

    def answer(self, process: Process, method: str, path: str) -> tuple[int, float]:
        """(HTTP status, seconds) that one request to a process gets now: what most requests to it got in the last
        step."""
        waits = self.wait(process.container.id)
        if path in process.program.health_paths:
            return 200, waits + _QUICK
        row = self._handlers().get((process.container.id, "GET" if method == "HEAD" else method, path))
        if row is None:
            known = f"{method} {path}" in process.program.routes
            return (200 if known else 404), waits + _QUICK
        failing = self.flow.fails[row] > 0.5
        mu = self.flow.fail_mu[row] if failing else self.flow.ok_mu[row]
        status = STATUSES[int(self.flow.statuses[:, row].argmax())] if failing else 200
        return status, float(np.exp(mu))

    def paths(self) -> Paths | None:
        """What disturbs packets now; None where nothing does."""
        return self._interference.paths()

    def plight(self, process: Process) -> Plight:
        """What ails a process that starts now."""
        return self._interference.plight(process)

    def wait(self, container_id: str) -> float:
        """Seconds that a request waited at a process in the last step."""
        return _NEVER if container_id in self._hung else self.resources.wait(container_id)

    def longest_wait(self) -> float:
        """That of the process where it was longest."""
        return _NEVER if self._hung else float(self.resources.state.waiting.max(initial=0.0))

    def use(self, container_id: str) -> ContainerUse | None:
        """What a running container uses; None where there is no sample of it yet."""
        return self.resources.use(container_id)

    def node_use(self) -> Mapping[str, ContainerUse]:
        """What all processes of a node use, by the node's name."""
        return self.resources.node_use()

    def _handlers(self) -> dict[tuple[str, str, str], int]:
        """The rows of the handlers by container, method and path."""
        if self._rows[0] != self.layout:
            processes = self.flow.graph.processes
            rows = {
                (processes[h.process].container.id, h.method, h.path): row
                for row, h in enumerate(self.flow.graph.handlers)
                if row
            }
            self._rows = (self.layout, rows)
        return self._rows[1]

    def listening(self) -> list[Process]:
        """The processes that answered in the last step."""
        found = {handler.process for handler in self.flow.graph.handlers[1:]}
        return [self.flow.graph.processes[index] for index in sorted(found)]

    def _moved(self) -> bool:
        """Whether the network or the set of processes is another one than at the last step."""
        self._interference.pulse()
        changed = self.runtime.revision != self._seen_processes or self._interference.revision != self._undergone
        if self._writes.come():
            fingerprint = network_fingerprint(self.view)
            if fingerprint != self._fingerprint:
                self._fingerprint = fingerprint
                self._network = Network(self.view)
                changed = True
        return changed

    def _wire(self, now: float) -> Flow:
        self._seen_processes = self.runtime.revision
        self._undergone = self._interference.revision
        self.layout += 1
        processes = self.runtime.running()
        self._interference.afflict(processes)
        self.runtime.container_logs.stamps.note(now, self._interference.clocks())
        self._hung = frozenset(process.container.id for process in processes if process.plight.hung)
        paths = self._interference.paths()
        self.runtime.unsound = paths is not None and self._reaches_probes(paths)
        graph = compile_graph(Wiring(self.application, self._network, processes, now, self.api_reads, paths))
        self.resources.foreign = self._interference.foreign(self.resources.node_names)
        nodes = {key: peer.node for key, peer in self._network.peers.items()}
        self.engine.adopt(graph, nodes)
        return Flow(graph)
