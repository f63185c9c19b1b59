"""Whether a connection from a container comes about: names, Services, policies, listeners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from aiops.lab.traffic.network.network import Obstacle
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.runtime.commands.dns import TIMEOUT, TRIES
from aiops.lab.traffic.runtime.commands.inside import Inside

_LOCAL = ("localhost", "127.0.0.1")
_API = ("default", "kubernetes")
API_PORT = 443
ROUND_TRIP = 0.001
"""Seconds."""

_PATIENCE = 127.0
"""Seconds for which the kernel sends the first packet of a connection again."""


class Problem(StrEnum):
    """Why there is no connection."""

    UNRESOLVED = "unresolved"
    NO_DNS = "no answer from the DNS"
    REFUSED = "refused"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Connection:
    """A try to connect. `process` is who answered; the API server is no process of the cluster. `seconds` is how long
    it took to know, infinite where only the client's own limit ends it; `delay` is how much longer than usual a round
    trip takes."""

    address: str = ""
    process: Process | None = None
    problem: Problem | None = None
    seconds: float = ROUND_TRIP
    delay: float = 0.0
    is_api: bool = False


def connect(inside: Inside, host: str, port: int, protocol: str = "TCP") -> Connection:
    """Try `host:port` as the container would."""
    if host in _LOCAL:
        return _to_pod(inside, "127.0.0.1", inside.namespace, inside.process.pod, port)
    network = inside.network()
    client = inside.peer
    if client is None:
        return Connection(problem=Problem.TIMEOUT, seconds=float("inf"))
    dns = inside.dns
    answer = dns.resolve(host)
    if answer is None or answer.addresses != (host,):
        if not dns.reachable(client):
            return Connection(problem=Problem.NO_DNS, seconds=TIMEOUT * TRIES)
        if answer is None or not answer.addresses:
            return Connection(problem=Problem.UNRESOLVED)
    address = answer.addresses[int(inside.now) % len(answer.addresses)]
    if address == network.cluster_ip(*_API) and port == API_PORT:
        return Connection(address, is_api=True)
    destination = network.resolve(inside.namespace, address, port).seen_from(client.node)
    if destination.obstacle is Obstacle.REFUSED:
        return Connection(address, problem=Problem.REFUSED)
    if destination.obstacle is not None or not destination.backends:
        return Connection(address, problem=Problem.TIMEOUT, seconds=float("inf"))
    peer, target = destination.backends[int(inside.now) % len(destination.backends)]
    return _to_peer(inside, client, peer, address, target, protocol)


def _to_peer(inside: Inside, client: Peer, peer: Peer, address: str, port: int, protocol: str) -> Connection:
    if not inside.network().policies.allows(client, peer, port, protocol):
        return Connection(address, problem=Problem.TIMEOUT, seconds=float("inf"))
    way = inside.way(peer, _PATIENCE)
    if inside.chance(way.lost, address):
        return Connection(address, problem=Problem.TIMEOUT, seconds=float("inf"))
    found = _to_pod(inside, address, peer.namespace, peer.name, port)
    return replace(found, seconds=found.seconds + way.delay, delay=way.delay)


def _to_pod(inside: Inside, address: str, namespace: str, pod: str, port: int) -> Connection:
    process = listener(inside.listeners(namespace, pod), port, inside.now)
    return Connection(address, process) if process else Connection(address, problem=Problem.REFUSED)


def listener(processes: Iterable[Process], port: int, now: float) -> Process | None:
    """The one of a pod's processes that listens on a port."""
    return next((process for process in processes if process.listening(now) and port in process.ports), None)
