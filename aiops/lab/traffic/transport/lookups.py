"""What the cluster's DNS is asked, and how its cache and its servers answer.

Clients keep their connections, so a name is looked up when one is opened anew; who gets no address asks each time.
Every name is asked for twice, as an address of IPv4 and of IPv6. A record stays in a server's cache for `TTL` seconds,
so of the queries that come at a rate r, 1 / (1 + r TTL) miss it (renewal theory, W. Feller, "An Introduction to
Probability Theory and Its Applications" II, chapter XI).
"""

from __future__ import annotations

from collections.abc import Hashable
from zlib import crc32

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.network.resolver import ZONE
from aiops.lab.traffic.solving.flow import Flow
from aiops.lab.traffic.solving.moments import lognormal, shares_below

BOUNDS = 0.00025 * 2.0 ** np.arange(16)
"""Upper bounds of CoreDNS' duration histograms in seconds."""

TTL = 30.0
"""Seconds for which CoreDNS keeps an answer (`cache 30`)."""

_A_CONNECTION = 200.0
"""Requests that one connection carries on average."""

_FOUND, _DENIED, _FORWARDED = 0, 1, 2
_SECONDS = np.array([0.00008, 0.0003, 0.009])
"""What an answer takes on average: from the cache, from what is known of the cluster, from the servers outside."""

_UNEVEN = 0.2
"""By how much the shares of two servers differ at most: which one is asked is drawn for each socket."""

_MOVED, _MOVED_SHARE = 1e-4, 0.2
"""By how much a wait has to change for durations to be another: in seconds, and as a share of it."""

_LOG_BOUNDS = np.log(BOUNDS)
_VARIATION = 0.8
_NONE: IntArray = np.zeros(0, dtype=np.int64)
_FIELDS = 7


class Lookups:
    """Counters since the start of each server, each (servers,). `server` are the rows of the servers' processes.

    `asked` are queries of one of the two types; `found`, `missing` answers with and without a name; `hits` those of the
    cache with an address, `denials` those without; `misses` what it did not have, of which `forwarded` went outside.
    `durations` (bounds + 1, servers) are answers within each bound, and the sum of their seconds."""

    def __init__(self) -> None:
        self.keys: tuple[str, ...] = ()
        self.server: IntArray = _NONE
        self._counted: FloatArray = np.zeros((_FIELDS + len(BOUNDS) + 1, 0))
        self._call: IntArray = _NONE
        self._name: IntArray = _NONE
        self._weight: FloatArray = np.zeros(0)
        self._sorts: IntArray = _NONE
        self._names = 0
        self._share: FloatArray = np.zeros(0)
        self._waiting: FloatArray = np.zeros(0)
        self._effects: FloatArray = np.zeros((0, 0, 0))

    @property
    def asked(self) -> FloatArray:
        return row(self._counted, 0)

    @property
    def found(self) -> FloatArray:
        return row(self._counted, 1)

    @property
    def missing(self) -> FloatArray:
        return row(self._counted, 2)

    @property
    def hits(self) -> FloatArray:
        return row(self._counted, 3)

    @property
    def denials(self) -> FloatArray:
        return row(self._counted, 4)

    @property
    def misses(self) -> FloatArray:
        return row(self._counted, 5)

    @property
    def forwarded(self) -> FloatArray:
        return row(self._counted, 6)

    @property
    def durations(self) -> FloatArray:
        return self._counted[_FIELDS:]

    def adopt(self, graph: Graph) -> None:
        """Take over a new graph; a server is known by its container."""
        known: dict[Hashable, int] = rows_of(self.keys)
        self.server = graph.dns_servers
        self.keys = tuple(graph.processes[process].container.id for process in self.server.tolist())
        self._counted = carried(known, self.keys, self._counted, 0.0)
        self._waiting = np.full(len(self.keys), np.inf)
        names: dict[tuple[str, bool], int] = {}
        asks = []
        for number, call in enumerate(graph.calls):
            last = len(call.names) - 1
            for place, name in enumerate(call.names):
                key = (name, call.name_exists and place == last)
                asks.append((number, names.setdefault(key, len(names)), call.name_exists))
        self._call = np.array([number for number, _, _ in asks], dtype=np.int64)
        self._name = np.array([name for _, name, _ in asks], dtype=np.int64)
        lost = graph.unresolved[graph.call_link[self._call]]
        opening = np.array([exists for _, _, exists in asks], dtype=bool)
        self._weight = np.where(opening, (1.0 - lost) / _A_CONNECTION, 1.0)
        kinds = np.array([_kind(name, exists) for name, exists in names], dtype=np.int64)
        self._sorts = np.concatenate((2 * kinds, 2 * kinds + 1))
        self._names = len(kinds)
        weights = np.array([1.0 + _UNEVEN * (crc32(key.encode()) / 2**32 - 0.5) for key in self.keys])
        self._share = weights / max(weights.sum(), 1.0)

    def count(self, flow: Flow, waiting: FloatArray) -> None:
        """Add the untold attempts; `waiting` (processes,) is how long a query waits for a core."""
        servers, seconds = len(self.keys), flow.untold.seconds
        if not servers or not len(self._call):
            return
        each = summed(self._name, flow.untold.attempts[self._call] * self._weight, self._names)
        missed = each / (1.0 + each * (TTL / seconds / servers))
        waits = waiting[self.server]
        if (np.abs(waits - self._waiting) > _MOVED + _MOVED_SHARE * waits).any():
            self._waiting, self._effects = waits, _effects(waits) * self._share[None, :, None]
        self._counted += self._effects @ summed(self._sorts, np.concatenate((each, missed)), 6)


def _kind(name: str, exists: bool) -> int:
    if exists:
        return _FOUND
    return _DENIED if name == ZONE or name.endswith(f".{ZONE}") else _FORWARDED


def _effects(waits: FloatArray) -> FloatArray:
    """What a look-up of each kind adds to the counters where it comes to a server, and where it misses its cache:
    (counters, servers, kinds times two), asked and missed of one kind side by side."""
    asked, missed = np.eye(6)[0::2], np.eye(6)[1::2]
    hits = asked - missed
    known, outside = 2.0 * (missed[_FOUND] + missed[_DENIED]), 2.0 * missed[_FORWARDED]
    without = hits[_FOUND] + 2.0 * (hits[_DENIED] + hits[_FORWARDED])
    counts = (
        asked.sum(axis=0),
        2.0 * asked[_FOUND],
        2.0 * (asked[_DENIED] + asked[_FORWARDED]),
        hits[_FOUND],
        without,
        known + outside,
        outside,
    )
    ways = np.array((hits[_FOUND] + without, known, outside))
    return np.concatenate([np.repeat(np.array(counts)[:, None, :], len(waits), axis=1), _shapes(waits) @ ways])


def _shapes(waits: FloatArray) -> FloatArray:
    """What one answer of each way adds to the durations on average: (bounds + 1, servers, ways)."""
    mean = (_SECONDS[None, :] + waits[:, None]).ravel()
    mu, sigma = lognormal(mean, (_VARIATION * mean) ** 2)
    shape = np.concatenate([shares_below(_LOG_BOUNDS, mu, sigma), mean[:, None]], axis=1)
    return shape.T.reshape(len(BOUNDS) + 1, len(waits), len(_SECONDS))
