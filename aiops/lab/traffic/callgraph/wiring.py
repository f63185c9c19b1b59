"""Who talks to whom: turns processes and the network of one moment into draft handlers, calls and edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiops.core.entity import Manifest
from aiops.lab.apps.model import Application, Call, Route
from aiops.lab.apps.program import Consumer
from aiops.lab.traffic.callgraph.graph import STATUSES, CallInfo, HandlerInfo
from aiops.lab.traffic.network.gateway import annotation, rewritten
from aiops.lab.traffic.network.interference import Path, Paths
from aiops.lab.traffic.network.network import (
    DNS_NAMESPACE,
    DNS_PORT,
    DNS_SERVICE,
    Destination,
    Network,
    Obstacle,
    service_of,
)
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.resolver import ZONE, resolver_of
from aiops.lab.traffic.network.shaping import shaped
from aiops.lab.traffic.processes.api_reads import ApiReads
from aiops.lab.traffic.processes.process import Process, split_address

GATEWAY_TIMEOUT, GATEWAY_CONNECT_TIMEOUT, GATEWAY_TRIES = 60.0, 5.0, 3
"""The defaults of ingress-nginx: proxy-read-timeout, proxy-connect-timeout, proxy-next-upstream-tries."""

_NAME_LOOKUP_TIMEOUT = 5.0
_GATEWAY_CPU_MS = 0.4
_UNSERVED = Route(cpu_ms=0.5, error_ratio=1.0)
"""What a process does with a request when it could not read what it needs: it answers 500."""

_CLOCK_TOLERANCE = 900.0
"""Seconds by which clocks may differ before a signed request is refused (S3's RequestTimeTooSkewed)."""

_NOT_FOUND, _FAILED = STATUSES.index(404), STATUSES.index(500)


_CLEAR = Path()


@dataclass(slots=True)
class DraftCall:
    """A call before it has a place in the arrays. `edges` are (draft handler, share of the connections); `ways` are the
    paths to those handlers that are not clear."""

    info: CallInfo
    stage: int
    call: Call
    edges: list[tuple[int, float]] = field(default_factory=list)
    refused: float = 0.0
    dropped: float = 0.0
    unresolved: float = 0.0
    denied: float = 0.0
    reset: float = 0.0
    connect_timeout: float = 0.0
    name_seconds: float = 0.005
    retries_answers: bool = True
    ways: dict[int, Path] = field(default_factory=dict)

    def block(self, obstacle: Obstacle, share: float = 1.0) -> None:
        if obstacle is Obstacle.REFUSED:
            self.refused += share
        elif obstacle is Obstacle.DROPPED:
            self.dropped += share
        else:
            self.unresolved += share


@dataclass(frozen=True, slots=True)
class DraftConsumption:
    """What a process takes from a broker: `handler` is the draft handler of a message, `topics` the broker's by
    (namespace, program, topic)."""

    handler: int
    consumer: Consumer
    topics: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class DraftHandler:
    """A handler before it has a place in the arrays."""

    info: HandlerInfo
    route: Route
    error_status: int = STATUSES.index(500)
    passes_status: bool = False
    calls: list[DraftCall] = field(default_factory=list)


class Wiring:
    """The drafts. `entries` lists, for each user operation, the gateway handlers that take it."""

    def __init__(
        self,
        application: Application,
        network: Network,
        processes: Sequence[Process],
        now: float,
        api_reads: ApiReads | None = None,
        paths: Paths | None = None,
    ) -> None:
        self._application = application
        self._paths = paths
        self._network = network
        self.processes = tuple(processes)
        self.handlers: list[DraftHandler] = []
        self.consumptions: list[DraftConsumption] = []
        self._by_route: dict[tuple[int, str], int] = {}
        self._by_pod: dict[tuple[str, str], list[int]] = {}
        self._dns: dict[Peer, bool] = {}
        self._names: dict[tuple[str, str, bool], tuple[str, ...]] = {}
        self._systems = _systems(application)
        listening = [i for i, process in enumerate(self.processes) if process.listening(now)]
        for index in listening:
            process = self.processes[index]
            self._by_pod.setdefault((process.namespace, process.pod), []).append(index)
            starved = api_reads is not None and api_reads.starved(process)
            topics = {consumer.route: consumer.topic for consumer in process.program.consumers}
            for name, route in process.program.routes.items():
                self._handler(index, name, _UNSERVED if starved else route, topics.get(name, ""))
        for draft in list(self.handlers):
            self._connect(draft)
        for index in listening:
            self._consume(index)
        self.dns_servers = self._servers_of_names()
        self.entries = [self._gateways(listening, number) for number in range(len(application.operations))]

    def _servers_of_names(self) -> list[int]:
        """The processes behind the cluster's DNS."""
        found = self._network.resolve(DNS_NAMESPACE, DNS_SERVICE, DNS_PORT).backends
        listeners = (self._listener(peer, port) for peer, port in found)
        return [listener for listener in listeners if listener is not None]

    def _handler(self, process: int, name: str, route: Route, consumes: str = "") -> int:
        method, _, path = name.partition(" ")
        self._by_route[process, name] = len(self.handlers)
        status = STATUSES.index(route.error_status)
        self.handlers.append(DraftHandler(HandlerInfo(process, method, path, consumes=consumes), route, status))
        return len(self.handlers) - 1

    def _unknown_route(self, process: int) -> int:
        """The handler of a process that answers 404 to what it does not know."""
        found = self._by_route.get((process, ""))
        if found is not None:
            return found
        index = self._handler(process, "", Route(cpu_ms=0.1, error_ratio=1.0))
        self.handlers[index].error_status = _NOT_FOUND
        return index

    def _connect(self, draft: DraftHandler) -> None:
        """Give a handler its calls, by the addresses in its process' environment."""
        process = self.processes[draft.info.process]
        client = self._network.peers.get((process.namespace, process.pod))
        for stage, calls in enumerate(draft.route.calls):
            for place, call in enumerate(calls):
                host, port = split_address(process.container.env[call.to]) or ("", 0)
                destination = self._network.resolve(process.namespace, host, port)
                key = (process.container.id, draft.info.route, str(stage), str(place))
                system = self._system(call, destination)
                names, exists = self._asked(process, client, host, destination)
                info = CallInfo(
                    draft.info.process,
                    host,
                    port,
                    destination.shown,
                    call.route,
                    system,
                    key,
                    call.topic,
                    names,
                    exists,
                )
                made = DraftCall(info, stage, call, connect_timeout=call.connect_timeout or call.timeout)
                if client is None:
                    made.block(Obstacle.DROPPED)
                elif destination.named and not self._resolves(client):
                    made.block(Obstacle.UNRESOLVED)
                    made.name_seconds = min(call.timeout, _NAME_LOOKUP_TIMEOUT)
                elif destination.named and not self._finds(process, host):
                    made.block(Obstacle.UNRESOLVED)
                else:
                    self._look_up(made, client, process, destination)
                draft.calls.append(made)

    def _look_up(self, made: DraftCall, client: Peer, process: Process, destination: Destination) -> None:
        """Reach a destination as its name is answered to this client."""
        if self._paths is None or not destination.named or destination.obstacle is Obstacle.UNRESOLVED:
            self._reach(made, client, process, destination)
            return
        failing, address = self._paths.lookup(client, *service_of(process.namespace, made.info.host))
        if address:
            destination = self._network.resolve(process.namespace, address, made.info.port)
        if failing:
            made.block(Obstacle.UNRESOLVED, failing)
            made.name_seconds = min(made.call.timeout, _NAME_LOOKUP_TIMEOUT)
        self._reach(made, client, process, destination, 1.0 - failing)

    def _system(self, call: Call, destination: Destination) -> str:
        """The kind of data store or broker that is asked, as the caller's library knows it: by what answers it, else by
        the only kind that knows such a route."""
        for peer, port in destination.backends:
            listener = self._listener(peer, port)
            if listener is not None:
                program = self.processes[listener].program
                return program.protocol if program.role in ("store", "queue") else ""
        return self._systems.get(call.route, "")

    def _consume(self, index: int) -> None:
        """Join a process' consumers with the brokers that they reach."""
        process = self.processes[index]
        client = self._network.peers.get((process.namespace, process.pod))
        for consumer in process.program.consumers:
            handler = self._by_route.get((index, consumer.route))
            host, port = split_address(process.container.env.get(consumer.at, "")) or ("", 0)
            destination = self._network.resolve(process.namespace, host, port)
            named = destination.named
            if (
                handler is None
                or client is None
                or (named and not (self._resolves(client) and self._finds(process, host)))
            ):
                continue
            topics = {
                (broker.namespace, broker.name, consumer.topic)
                for peer, reached in destination.seen_from(client.node).backends
                if self._network.policies.allows(client, peer, reached)
                and (listener := self._listener(peer, reached)) is not None
                and consumer.topic in (broker := self.processes[listener]).program.topics
                and not broker.plight.refuses_plaintext_of(process.container.env)
                and not self._denied(process, broker)
            }
            if topics:
                self.consumptions.append(DraftConsumption(handler, consumer, tuple(sorted(topics))))

    def _asked(
        self, process: Process, client: Peer | None, host: str, destination: Destination
    ) -> tuple[tuple[str, ...], bool]:
        """The names that a client asks the cluster's DNS for until it has an address, and whether it gets one."""
        if client is None or not destination.named or not self._resolves(client):
            return (), False
        exists = destination.obstacle is not Obstacle.UNRESOLVED and self._finds(process, host)
        if not _asks_the_cluster(process) or process.container.pod["spec"].get("dnsConfig"):
            return self._names_of(process, host, exists), exists
        key = (process.namespace, host, exists)
        if key not in self._names:
            self._names[key] = self._names_of(process, host, exists)
        return self._names[key], exists

    def _names_of(self, process: Process, host: str, exists: bool) -> tuple[str, ...]:
        resolver = resolver_of(process.container.pod, process.namespace, self._network.dns_address)
        if resolver.servers[:1] != (self._network.dns_address,):
            return ()
        tried = tuple(resolver.tried(host))
        name, where = service_of(process.namespace, host)
        full = f"{name}.{where}.svc.{ZONE}" if name else host.rstrip(".").lower()
        return tried[: tried.index(full) + 1] if exists and full in tried else tried

    def _resolves(self, client: Peer) -> bool:
        if client not in self._dns:
            self._dns[client] = self._network.resolves_names(client)
        return self._dns[client]

    def _finds(self, process: Process, host: str) -> bool:
        """Whether a process' resolver comes to the right name of the cluster, and asks the cluster's DNS for it."""
        pod = process.container.pod
        if _asks_the_cluster(process):
            return True
        resolver = resolver_of(pod, process.namespace, self._network.dns_address)
        name, where = service_of(process.namespace, host)
        full = f"{name}.{where}.svc.{ZONE}"
        return resolver.servers[:1] == (self._network.dns_address,) and full in resolver.tried(host)

    def _reach(
        self, made: DraftCall, client: Peer, process: Process, destination: Destination, part: float = 1.0
    ) -> None:
        """Join a call with what is behind a destination; `part` of the attempts get that far."""
        destination = destination.seen_from(client.node)
        if destination.obstacle is not None:
            made.block(destination.obstacle, part)
            return
        share = part / len(destination.backends)
        for peer, port in destination.backends:
            if not self._network.policies.allows(client, peer, port):
                made.block(Obstacle.DROPPED, share)
                continue
            way = self._paths.between(client, peer, made.call.timeout) if self._paths else _CLEAR
            way = shaped(way, client, peer)
            if way.lost:
                made.block(Obstacle.DROPPED, share * way.lost)
            self._meet(made, process, self._listener(peer, port), share * (1.0 - way.lost), way)

    def _meet(self, made: DraftCall, process: Process, listener: int | None, share: float, way: Path) -> None:
        """Join a call with the process that listens where it leads, for a share of the connections."""
        if not share:
            return
        if listener is None:
            made.block(Obstacle.REFUSED, share)
        elif self.processes[listener].plight.refuses_plaintext_of(process.container.env):
            made.reset += share
        elif self._denied(process, self.processes[listener]):
            made.denied += share
        else:
            self._answer(made, listener, share, way)

    def _answer(self, made: DraftCall, listener: int, share: float, way: Path) -> None:
        target = self._by_route.get((listener, made.call.route))
        if target is None and self.processes[listener].program.protocol != "http":
            made.block(Obstacle.REFUSED, share)  # another protocol: the connection is closed
            return
        known = self._unknown_route(listener) if target is None else target
        made.edges.append((known, share))
        if way is not _CLEAR:
            made.ways[known] = way

    def _listener(self, peer: Peer, port: int) -> int | None:
        for index in self._by_pod.get((peer.namespace, peer.name), ()):
            if port == self.processes[index].program.port:
                return index
        return None

    def _denied(self, client: Process, store: Process) -> bool:
        """Whether a store refuses the user, the password or the clock of a client."""
        if any(not user or user in client.container.env.values() for user in store.plight.refused):
            return True
        skew = abs(client.plight.clock_offset - store.plight.clock_offset)
        if store.program.protocol == "s3" and skew > _CLOCK_TOLERANCE:
            return True
        variable = store.program.password_variable
        if not variable:
            return False
        return store.container.env.get(variable) not in client.container.env.values()

    def _gateways(self, listening: Sequence[int], number: int) -> list[int]:
        """The handlers of one user operation, one at each listening gateway process."""
        operation = self._application.operations[number]
        found = []
        for index in listening:
            process = self.processes[index]
            if process.program.role != "gateway":
                continue
            rule = self._network.ingress_for(self._application.host, operation.path)
            if rule is None:
                route, ingress = Route(cpu_ms=_GATEWAY_CPU_MS, error_ratio=1.0), None
            else:
                name, path, backend = rule[0]["metadata"], rule[1], rule[2]
                refused = self._refuses(rule[0])
                route = Route(cpu_ms=_GATEWAY_CPU_MS, error_ratio=1.0 if refused else 0.0)
                ingress = (name["namespace"], name["name"], path, backend["name"])
            info = HandlerInfo(index, operation.method, operation.path, ingress)
            status = _NOT_FOUND if rule is None else _FAILED
            draft = DraftHandler(info, route, error_status=status, passes_status=True)
            if rule is not None:
                draft.calls.append(self._proxy(process, draft, rule[0], rule[2]))
            found.append(len(self.handlers))
            self.handlers.append(draft)
        return found

    def _refuses(self, ingress: Manifest) -> bool:
        """Whether the gateway asks somebody who does not answer whether a user may come in: it says 500 then."""
        asked = urlsplit(annotation(ingress, "auth-url"))
        if not asked.hostname:
            return False
        port = asked.port or (443 if asked.scheme == "https" else 80)
        return not self._network.resolve("", asked.hostname, port).backends

    def _proxy(self, process: Process, draft: DraftHandler, ingress: Manifest, backend: dict[str, object]) -> DraftCall:
        backends = self._network.ingress_backends(ingress["metadata"]["namespace"], backend)
        shown = f"{backends[0][0].address}:{backends[0][1]}" if backends else ""
        route = draft.info.route
        info = CallInfo(draft.info.process, str(backend["name"]), 0, shown, route, "", (process.container.id, route))
        asked = f"{draft.info.method} {rewritten(ingress, draft.info.path)}"
        call = Call(to="upstream", route=asked, timeout=GATEWAY_TIMEOUT, retries=GATEWAY_TRIES - 1)
        made = DraftCall(info, 0, call, connect_timeout=GATEWAY_CONNECT_TIMEOUT, retries_answers=False)
        made.name_seconds = 0.0005
        client = self._network.peers.get((process.namespace, process.pod))
        if not backends or client is None:
            made.block(Obstacle.UNRESOLVED)  # nginx has no endpoint to send to and answers 503 itself
        else:
            self._reach(made, client, process, Destination(shown, backends, named=False))
        return made


def _asks_the_cluster(process: Process) -> bool:
    """Whether a process looks names up as pods do that nobody has told otherwise."""
    spec = process.container.pod["spec"]
    return spec.get("dnsPolicy", "ClusterFirst") == "ClusterFirst" and not spec.get("hostNetwork")


def _systems(application: Application) -> dict[str, str]:
    """The kind of store or broker that knows a route, where only one does."""
    kinds: dict[str, set[str]] = {}
    for program in application.programs.values():
        if program.role in ("store", "queue"):
            for route in program.routes:
                kinds.setdefault(route, set()).add(program.protocol)
    return {route: next(iter(found)) for route, found in kinds.items() if len(found) == 1}
