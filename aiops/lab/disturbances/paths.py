"""What disturbances do to packets on their way between two pods, and to the names that pods look up."""

from __future__ import annotations

from dataclasses import replace
from math import log2

from aiops.core.disturbance import Pods
from aiops.core.disturbance.machine import NodeConnections, PowerOff
from aiops.core.disturbance.network import (
    DnsAnswer,
    DnsFailure,
    NetworkBandwidth,
    NetworkCorruption,
    NetworkDelay,
    NetworkDuplication,
    NetworkLoss,
    NetworkPartition,
    Packets,
)
from aiops.lab.disturbances.book import DisturbanceBook
from aiops.lab.disturbances.processes import nodes_of
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.network.interference import TRACKED_CONNECTIONS, Path
from aiops.lab.traffic.network.policies import Peer

_RETRANSMISSION = 0.2
"""Seconds until a packet is sent again for the first time: the least that Linux waits."""

_PACKETS = 6
"""Of one exchange whose loss somebody has to wait for: the request, the answer, and some of their acknowledgements."""


CLEAR = Path()
BLOCKED = Path(lost=1.0)


class Paths:
    """The paths and look-ups of one moment."""

    def __init__(self, book: DisturbanceBook, view: ClusterView) -> None:
        self._packets: tuple[Packets, ...] = tuple(book.of(Packets))
        self._failures = tuple(book.of(DnsFailure))
        self._answers = tuple(book.of(DnsAnswer))
        self._crowded = _crowded(book, view)
        self._dark = {name for off in book.of(PowerOff) for name in nodes_of(off.nodes, view)}

    def __bool__(self) -> bool:
        return bool(self._packets or self._failures or self._answers or self._dark or self._crowded)

    def between(self, client: Peer, server: Peer, timeout: float) -> Path:
        if client.node in self._dark or server.node in self._dark:
            return BLOCKED
        turned = max(self._crowded.get(client.node, 0.0), self._crowded.get(server.node, 0.0))
        path = Path(lost=turned) if turned else CLEAR
        for number, packets in enumerate(self._packets):
            if _on_the_way(packets, client, server):
                path = _through(path, packets, number, timeout)
        return path

    def lookup(self, client: Peer, service: str, namespace: str) -> tuple[float, str]:
        name, works, address = f"{service}.{namespace}", 1.0, ""
        for failure in self._failures:
            if (not failure.names or name in failure.names) and _is(failure.pods, client):
                works *= 1.0 - failure.percent / 100
        for answer in self._answers:
            if name in answer.names and _is(answer.pods, client):
                address = answer.address
        return 1.0 - works, address


def _crowded(book: DisturbanceBook, view: ClusterView) -> dict[str, float]:
    """The share of new connections for which a node's table has no entry, by node."""
    wanted: dict[str, float] = {}
    for each in book.of(NodeConnections):
        for node in nodes_of(each.nodes, view):
            wanted[node] = wanted.get(node, 0.0) + each.entries
    return {node: 1.0 - TRACKED_CONNECTIONS / many for node, many in wanted.items() if many > TRACKED_CONNECTIONS}


def retransmitted(loss: float, timeout: float) -> tuple[float, float, float]:
    """(share that is lost, mean delay, its variance) of an exchange where each packet is lost with probability `loss`.

    Retransmissions double their wait (RFC 6298, section 5.5), and go on until the client has lost patience."""
    tries = max(int(log2(timeout / _RETRANSMISSION + 1.0)), 1)
    waits = [_RETRANSMISSION * (2.0**n - 1.0) for n in range(tries)]
    shares = [loss**n * (1.0 - loss) for n in range(tries)]
    whole = max(sum(shares), 1e-12)
    mean = sum(share * wait for share, wait in zip(shares, waits, strict=True)) / whole
    square = sum(share * wait * wait for share, wait in zip(shares, waits, strict=True)) / whole
    return 1.0 - (1.0 - loss**tries) ** _PACKETS, _PACKETS * mean, _PACKETS * max(square - mean * mean, 0.0)


def _through(path: Path, packets: Packets, number: int, timeout: float) -> Path:
    match packets:
        case NetworkPartition():
            return BLOCKED
        case NetworkDelay():
            variance = path.variance + packets.jitter_seconds**2
            return replace(path, delay=path.delay + packets.seconds, variance=variance)
        case NetworkLoss() | NetworkCorruption():
            lost, delay, variance = retransmitted(packets.percent / 100, timeout)
            together = _either(path.lost, lost)
            slower = replace(
                path,
                delay=path.delay + delay,
                variance=path.variance + variance,
                lost=together,
                again=path.again + delay,
            )
            share = packets.percent / 100
            if isinstance(packets, NetworkLoss):
                return replace(slower, dropped=_either(path.dropped, share))
            return replace(slower, broken=_either(path.broken, share))
        case NetworkDuplication():
            return replace(path, doubled=(1.0 + path.doubled) * (1.0 + packets.percent / 100) - 1.0)
        case NetworkBandwidth():
            narrow = (*path.narrow, (number, packets.bytes_per_second))
            return replace(path, narrow=narrow)
    return path


def _either(one: float, other: float) -> float:
    """The chance that one of two things happens."""
    return 1.0 - (1.0 - one) * (1.0 - other)


def _on_the_way(packets: Packets, client: Peer, server: Peer) -> bool:
    opened = _is(packets.pods, client) and (packets.peers is None or _is(packets.peers, server))
    taken = _is(packets.pods, server) and (packets.peers is None or _is(packets.peers, client))
    return (opened and packets.direction != "from") or (taken and packets.direction != "to")


def _is(pods: Pods, peer: Peer) -> bool:
    return pods.chooses(peer.namespace, peer.name, dict(peer.labels), peer.node)
