"""Who talks to whom: turns processes and the network of one moment into draft handlers, calls and edges."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.lab.apps.model import Application, Call, Route
from aiops.lab.apps.program import Consumer
from aiops.lab.traffic.callgraph.admitting import refusal
from aiops.lab.traffic.callgraph.drafts import DraftCall, DraftConsumption, DraftHandler
from aiops.lab.traffic.callgraph.gateways import Gateways
from aiops.lab.traffic.callgraph.graph import CallInfo
from aiops.lab.traffic.callgraph.handlers import Handlers
from aiops.lab.traffic.callgraph.names import Names
from aiops.lab.traffic.callgraph.reaching import Reaching
from aiops.lab.traffic.network.interference import Paths
from aiops.lab.traffic.network.network import DNS_NAMESPACE, DNS_PORT, DNS_SERVICE, Destination, Network
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.processes.api_reads import ApiReads
from aiops.lab.traffic.processes.process import Process, split_address

_UNSERVED = Route(cpu_ms=0.5, error_ratio=1.0)
"""What a process does with a request when it could not read what it needs: it answers 500."""


class Wiring:
    """The drafts. `entries` lists, for each user operation, the gateway handlers that take it; `dns_servers` are the
    processes behind the cluster's DNS."""

    def __init__(
        self,
        application: Application,
        network: Network,
        processes: Sequence[Process],
        now: float,
        api_reads: ApiReads | None = None,
        paths: Paths | None = None,
    ) -> None:
        self._network = network
        self._handlers = Handlers(processes, now)
        self._names = Names(network)
        self._reaching = Reaching(network, self._handlers, self._names, paths)
        self._systems = _systems(application)
        self.processes = self._handlers.processes
        self.handlers = self._handlers.drafts
        self.consumptions: list[DraftConsumption] = []
        for index in self._handlers.listening:
            self._serve(index, api_reads)
        for draft in list(self.handlers):
            self._connect(draft)
        for index in self._handlers.listening:
            self._consume(index)
        self.dns_servers = self._servers_of_names()
        gateways = Gateways(application.host, network, self._handlers, self._reaching)
        self.entries = [gateways.take(operation) for operation in application.operations]

    def _serve(self, index: int, api_reads: ApiReads | None) -> None:
        """Give a process a handler for each of its routes."""
        process = self.processes[index]
        starved = api_reads is not None and api_reads.starved(process)
        topics = {consumer.route: consumer.topic for consumer in process.program.consumers}
        for name, route in process.program.routes.items():
            self._handlers.add(index, name, _UNSERVED if starved else route, topics.get(name, ""))

    def _servers_of_names(self) -> list[int]:
        found = self._network.resolve(DNS_NAMESPACE, DNS_SERVICE, DNS_PORT).backends
        listeners = (self._handlers.listener(peer, port) for peer, port in found)
        return [listener for listener in listeners if listener is not None]

    def _connect(self, draft: DraftHandler) -> None:
        """Give a handler its calls, by the addresses in its process' environment."""
        process = self.processes[draft.info.process]
        client = self._network.peers.get((process.namespace, process.pod))
        for stage, calls in enumerate(draft.route.calls):
            for place, call in enumerate(calls):
                host, port = split_address(process.container.env[call.to]) or ("", 0)
                destination = self._network.resolve(process.namespace, host, port)
                key = (process.container.id, draft.info.route, str(stage), str(place))
                names, exists = self._names.asked(process, client, host, destination)
                info = CallInfo(
                    draft.info.process,
                    host,
                    port,
                    destination.shown,
                    call.route,
                    self._system(call, destination),
                    key,
                    call.topic,
                    names,
                    exists,
                )
                made = DraftCall(info, stage, call, connect_timeout=call.connect_timeout or call.timeout)
                self._reaching.call(made, client, process, destination)
                draft.calls.append(made)

    def _system(self, call: Call, destination: Destination) -> str:
        """The kind of data store or broker that is asked, as the caller's library knows it: by what answers it, else by
        the only kind that knows such a route."""
        for peer, port in destination.backends:
            listener = self._handlers.listener(peer, port)
            if listener is not None:
                program = self.processes[listener].program
                return program.protocol if program.role in ("store", "queue") else ""
        return self._systems.get(call.route, "")

    def _consume(self, index: int) -> None:
        """Join a process' consumers with the brokers that they reach."""
        process = self.processes[index]
        client = self._network.peers.get((process.namespace, process.pod))
        for consumer in process.program.consumers:
            handler = self._handlers.of(index, consumer.route)
            if handler is None or client is None:
                continue
            topics = self._topics(consumer, client, process)
            if topics:
                self.consumptions.append(DraftConsumption(handler, consumer, tuple(sorted(topics))))

    def _topics(self, consumer: Consumer, client: Peer, process: Process) -> set[tuple[str, str, str]]:
        """The topics that a consumer gets messages of: (namespace, program, topic) of each broker that takes it."""
        host, port = split_address(process.container.env.get(consumer.at, "")) or ("", 0)
        destination = self._network.resolve(process.namespace, host, port)
        if destination.named and not (self._names.resolves(client) and self._names.finds(process, host)):
            return set()
        return {
            (broker.namespace, broker.name, consumer.topic)
            for peer, reached in destination.seen_from(client.node).backends
            if self._network.policies.allows(client, peer, reached)
            and (listener := self._handlers.listener(peer, reached)) is not None
            and consumer.topic in (broker := self.processes[listener]).program.topics
            and refusal(process, broker) is None
        }


def _systems(application: Application) -> dict[str, str]:
    """The kind of store or broker that knows a route, where only one does."""
    kinds: dict[str, set[str]] = {}
    for program in application.programs.values():
        if program.role in ("store", "queue"):
            for route in program.routes:
                kinds.setdefault(route, set()).add(program.protocol)
    return {route: next(iter(found)) for route, found in kinds.items() if len(found) == 1}
