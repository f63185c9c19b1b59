"""What the traffic asks of whoever disturbs it, and the answers where nobody does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.processes.process import Plight, Process

TRACKED_CONNECTIONS = 262_144.0
"""Entries of a node's table of tracked connections (`nf_conntrack_max` as kube-proxy sets it on eight cores)."""


@dataclass(frozen=True, slots=True)
class Path:
    """The way from a client to a server: seconds of delay and their variance, the share of the exchanges that comes to
    nothing, and the bandwidths (bytes a second, by a number of their own) that everything goes through. Of the packets,
    the shares that come twice, not at all, and broken. `again` is what of the delay is the wait for packets that have
    to be sent again."""

    delay: float = 0.0
    variance: float = 0.0
    lost: float = 0.0
    narrow: tuple[tuple[int, float], ...] = ()
    doubled: float = 0.0
    dropped: float = 0.0
    broken: float = 0.0
    again: float = 0.0


class Paths(Protocol):
    """Packets and look-ups of one moment."""

    def between(self, client: Peer, server: Peer, timeout: float) -> Path:
        """The way of a connection that `client` opens, and on which it waits `timeout` seconds for an answer."""
        ...

    def lookup(self, client: Peer, service: str, namespace: str) -> tuple[float, str]:
        """(share of look-ups that fails, address that is answered in place of the right one, else empty)."""
        ...


class Interference(Protocol):
    """`revision` rises whenever the layout has to be made anew."""

    @property
    def revision(self) -> int: ...

    def pulse(self) -> None:
        """Notice what has changed by the passing of time; called in every step."""
        ...

    def afflict(self, processes: Iterable[Process]) -> None:
        """Give every process the program and the plight that it has now."""
        ...

    def plight(self, process: Process) -> Plight:
        """What ails a process that starts now."""
        ...

    def clocks(self) -> Mapping[str, float]:
        """By how many seconds the clocks of nodes are ahead that are not right."""
        ...

    def paths(self) -> Paths | None:
        """None where every packet arrives and every name is answered."""
        ...

    def surge(self, now: float, tenants: Sequence[str], operations: Sequence[str]) -> FloatArray | None:
        """By how much users come more often, (tenants, operations); None where they come as ever."""
        ...

    def ends(self, processes: Iterable[Process], now: float) -> list[tuple[Process, int]]:
        """The processes that end now by themselves, each with its exit code."""
        ...

    def refusals(self) -> float:
        """The share of reads from the Kubernetes API that are told to come again later."""
        ...

    def foreign(self, nodes: Sequence[str]) -> FloatArray:
        """What others than the application use of each node, (5, nodes): cores, bytes of memory, bytes of disk,
        tracked connections, and the share of its CPU that the host below takes away."""
        ...


class Undisturbed:
    """Nobody disturbs anything."""

    revision = 0

    def pulse(self) -> None: ...

    def afflict(self, processes: Iterable[Process]) -> None: ...

    def plight(self, process: Process) -> Plight:
        del process
        return Plight()

    def clocks(self) -> Mapping[str, float]:
        return {}

    def paths(self) -> Paths | None:
        return None

    def surge(self, now: float, tenants: Sequence[str], operations: Sequence[str]) -> FloatArray | None:
        del now, tenants, operations
        return None

    def ends(self, processes: Iterable[Process], now: float) -> list[tuple[Process, int]]:
        del processes, now
        return []

    def refusals(self) -> float:
        return 0.0

    def foreign(self, nodes: Sequence[str]) -> FloatArray:
        return np.zeros((5, len(nodes)))
