"""What a call meets on its way: names, policies, paths, listeners, and what these have against it."""

from __future__ import annotations

from aiops.lab.traffic.callgraph.admitting import Refusal, refusal
from aiops.lab.traffic.callgraph.drafts import DraftCall
from aiops.lab.traffic.callgraph.handlers import Handlers
from aiops.lab.traffic.callgraph.names import Names
from aiops.lab.traffic.network.interference import Path, Paths
from aiops.lab.traffic.network.network import Destination, Network, Obstacle, service_of
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.shaping import shaped
from aiops.lab.traffic.processes.process import Process

_NAME_LOOKUP_TIMEOUT = 5.0
_CLEAR = Path()


class Reaching:
    """The network of one moment as calls meet it. Without `paths` every packet arrives and every name is answered."""

    def __init__(self, network: Network, handlers: Handlers, names: Names, paths: Paths | None) -> None:
        self._network = network
        self._handlers = handlers
        self._names = names
        self._paths = paths

    def call(self, made: DraftCall, client: Peer | None, process: Process, destination: Destination) -> None:
        """Join a call with what is behind the address that it was given."""
        if client is None:
            made.block(Obstacle.DROPPED)
        elif destination.named and not self._names.resolves(client):
            made.block(Obstacle.UNRESOLVED)
            made.name_seconds = min(made.call.timeout, _NAME_LOOKUP_TIMEOUT)
        elif destination.named and not self._names.finds(process, made.info.host):
            made.block(Obstacle.UNRESOLVED)
        else:
            self._look_up(made, client, process, destination)

    def reach(
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
            self._meet(made, process, self._handlers.listener(peer, port), share * (1.0 - way.lost), way)

    def _look_up(self, made: DraftCall, client: Peer, process: Process, destination: Destination) -> None:
        """Reach a destination as its name is answered to this client."""
        if self._paths is None or not destination.named or destination.obstacle is Obstacle.UNRESOLVED:
            self.reach(made, client, process, destination)
            return
        failing, address = self._paths.lookup(client, *service_of(process.namespace, made.info.host))
        if address:
            destination = self._network.resolve(process.namespace, address, made.info.port)
        if failing:
            made.block(Obstacle.UNRESOLVED, failing)
            made.name_seconds = min(made.call.timeout, _NAME_LOOKUP_TIMEOUT)
        self.reach(made, client, process, destination, 1.0 - failing)

    def _meet(self, made: DraftCall, process: Process, listener: int | None, share: float, way: Path) -> None:
        """Join a call with the process that listens where it leads, for a share of the connections."""
        if not share:
            return
        if listener is None:
            made.block(Obstacle.REFUSED, share)
            return
        why = refusal(process, self._handlers.processes[listener])
        if why is None:
            self._answer(made, listener, share, way)
            return
        made.turned_away.append((listener, why, share))
        if why is Refusal.PLAINTEXT:
            made.reset += share
        else:
            made.denied += share

    def _answer(self, made: DraftCall, listener: int, share: float, way: Path) -> None:
        target = self._handlers.of(listener, made.call.route)
        if target is None and self._handlers.processes[listener].program.protocol != "http":
            made.block(Obstacle.REFUSED, share)  # another protocol: the connection is closed
            return
        known = self._handlers.unknown(listener) if target is None else target
        made.edges.append((known, share))
        if way is not _CLEAR:
            made.ways[known] = way
