"""Caches: how full they are of what is asked for, and so how many requests miss.

Keys are grouped by popularity. A key's answer is absent until somebody has fetched it, and present until it expires or
is evicted; of a class of keys the share that is present moves towards its balance (a renewal process with exponential
lifetimes, which gives the hit ratio of a TTL cache: N. C. Fofack et al., "Analysis of TTL-based cache networks", 2012).
Full caches forget what was not asked for within their characteristic time (H. Che et al., "Hierarchical Web caching
systems", IEEE JSAC 20, 2002). While a fetch takes long or fails, everybody who asks misses: a stampede.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.program import Cache
from aiops.lab.traffic.callgraph.carrying import carried, row, rows_of, summed
from aiops.lab.traffic.callgraph.graph import Graph, IntArray
from aiops.lab.traffic.inside.popularity import CLASSES, zipf_classes
from aiops.lab.traffic.solving.flow import Flow

_FIRST_AGE = 1e6
"""Characteristic time of a cache that was never full, in seconds."""


@dataclass(frozen=True, slots=True)
class _Use:
    """A call that is made for misses: its caches (rows), and the calls of the same route that ask the cache server."""

    call: int
    caches: tuple[tuple[str, ...], ...]
    asks: int


class Caches:
    """By where they lie. Each (caches,): `hits` and `misses` count since the start, `entries` are held now, `ratio` is
    that of the last step. `process` holds them; `missing` (calls,) is the share of requests that needs each call."""

    def __init__(self) -> None:
        self.keys: tuple[tuple[str, ...], ...] = ()
        self.process: IntArray = np.zeros(0, dtype=np.int64)
        self._counts: FloatArray = np.zeros((4, 0))
        self._present: FloatArray = np.zeros((CLASSES, 0))
        self._age: FloatArray = np.zeros(0)
        self._uses: list[_Use] = []

    @property
    def hits(self) -> FloatArray:
        return row(self._counts, 0)

    @property
    def misses(self) -> FloatArray:
        return row(self._counts, 1)

    @property
    def entries(self) -> FloatArray:
        return row(self._counts, 2)

    @property
    def ratio(self) -> FloatArray:
        return row(self._counts, 3)

    def adopt(self, graph: Graph) -> None:
        found: dict[tuple[str, ...], tuple[int, Cache]] = {}
        self._uses = []
        for call, want in enumerate(graph.wants):
            if want.cache:
                self._uses.append(_use(graph, call, found))
        known: dict[Hashable, int] = rows_of(self.keys)
        self.keys = tuple(found)
        self._counts = carried(known, self.keys, self._counts, 0.0)
        self._present = carried(known, self.keys, self._present, 0.0)
        self._age = carried(known, self.keys, self._age, _FIRST_AGE)
        self.process = np.array([process for process, _ in found.values()], dtype=np.int64)
        self._lay_out([cache for _, cache in found.values()])

    def _lay_out(self, caches: list[Cache]) -> None:
        rows = rows_of(self.keys)
        classes = [zipf_classes(cache.keys, cache.skew) for cache in caches]
        self._sizes = np.array([sizes for sizes, _ in classes]).reshape(-1, CLASSES).T
        self._masses = np.array([masses for _, masses in classes]).reshape(-1, CLASSES).T
        self._limit = np.array([cache.entries for cache in caches], dtype=np.float64)
        self._ttl = np.array([cache.ttl_seconds for cache in caches])
        self._alone = np.array([cache.single_flight for cache in caches], dtype=np.float64)
        self.bytes_of_entry: FloatArray = np.array([cache.entry_bytes for cache in caches])
        self._call = np.array([use.call for use in self._uses for _ in use.caches], dtype=np.int64)
        self._row = np.array([rows[key] for use in self._uses for key in use.caches], dtype=np.int64)
        self._share = np.array([1.0 / len(use.caches) for use in self._uses for _ in use.caches])
        self._asks = np.array([use.asks for use in self._uses for _ in use.caches], dtype=np.int64)
        self._once: FloatArray = self._misses(np.ones_like(self._masses))

    def probability(self, graph: Graph, flow: Flow) -> FloatArray:
        """(calls,): how likely a request needs each call, with what the caches hold now."""
        if not len(self.keys):
            return graph.probability
        reached = np.where(self._asks >= 0, flow.done[0, self._asks], 1.0)
        missed = 1.0 - reached * (1.0 - self._once[self._row])
        missing = summed(self._call, self._share * missed, len(graph.calls))
        cached = np.zeros(len(graph.calls), dtype=bool)
        cached[self._call] = True
        found: FloatArray = np.where(cached, np.minimum(missing, 1.0) * graph.probability, graph.probability)
        return found

    def step(self, flow: Flow, dt: float) -> None:
        """Fill, expire and evict for the `dt` seconds of a step."""
        if not len(self.keys):
            return
        graph, call, count = flow.graph, self._call, len(self.keys)
        handler = graph.call_handler[call]
        asked = flow.span.requests[handler] * flow.works[handler] * flow.reach[graph.stage_of_call[call]]
        asked = asked * graph.probability[call] * self._share
        rate = summed(self._row, asked, count) / dt
        fetched = summed(self._row, asked * flow.done[0, call], count) / np.maximum(rate * dt, 1e-9)
        seconds = summed(self._row, asked * _fetch_seconds(flow, call), count) / np.maximum(rate * dt, 1e-9)
        each = rate * self._masses / np.maximum(self._sizes, 1e-9)
        busy = 1.0 + each * seconds
        fill, lose = each * fetched / busy, 1.0 / self._ttl
        balance = fill / np.maximum(fill + lose, 1e-12)
        self._present = balance + (self._present - balance) * np.exp(-(fill + lose) * dt)
        self._evict(each)
        self._once = self._misses(busy)
        ratio = (self._masses * self._present).sum(axis=0)
        self._counts[0] += rate * dt * ratio
        self._counts[1] += rate * dt * (1.0 - ratio)
        self._counts[2] = (self._sizes * self._present).sum(axis=0)
        self._counts[3] = ratio

    def _misses(self, busy: FloatArray) -> FloatArray:
        """The share of requests that fetch. With single flight only the first one of a fetch does."""
        fetching = 1.0 / (1.0 + self._alone * (busy - 1.0))
        missed: FloatArray = (self._masses * (1.0 - self._present) * fetching).sum(axis=0)
        return missed

    def _evict(self, each: FloatArray) -> None:
        """Take out of full caches what was not asked for within their characteristic time, which is found by and by."""
        over = (self._sizes * self._present).sum(axis=0) > self._limit
        if not over.any():
            return
        for _ in range(2):
            kept = np.minimum(self._present, -np.expm1(-each * self._age))
            held = (self._sizes * kept).sum(axis=0)
            step = np.clip(self._limit / np.maximum(held, 1e-9), 0.2, 2.0)
            self._age = np.where(over, np.minimum(self._age * step, _FIRST_AGE), self._age)
        kept = np.minimum(self._present, -np.expm1(-each * self._age))
        kept *= np.minimum(self._limit / np.maximum((self._sizes * kept).sum(axis=0), 1e-9), 1.0)
        self._present = np.where(over, kept, self._present)


def _fetch_seconds(flow: Flow, call: IntArray) -> FloatArray:
    success, seconds, _, failed = flow.done[:, call]
    taken: FloatArray = success * seconds + (1.0 - success) * failed
    return taken


def _use(graph: Graph, call: int, found: dict[tuple[str, ...], tuple[int, Cache]]) -> _Use:
    """The caches that a call's answers lie in; those that are new are added to `found`."""
    info, want = graph.calls[call], graph.wants[call]
    process = graph.processes[info.process]
    cache = process.program.caches[want.cache]
    if not cache.at:
        key: tuple[str, ...] = (process.container.id, want.cache)
        found.setdefault(key, (info.process, cache))
        return _Use(call, (key,), -1)
    asks = next((c for c in _siblings(graph, call) if graph.wants[c].to == cache.at), -1)
    servers = [] if asks < 0 else sorted({int(graph.process[handler]) for handler, _ in graph.endpoints(asks)})
    if not servers:
        key = ("", process.namespace, process.name, want.cache)
        found.setdefault(key, (info.process, cache))
        return _Use(call, (key,), asks)
    keys = []
    for server in servers:
        key = (graph.processes[server].container.id, process.namespace, process.name, want.cache)
        found.setdefault(key, (server, _part(cache, len(servers))))
        keys.append(key)
    return _Use(call, tuple(keys), asks)


def _siblings(graph: Graph, call: int) -> list[int]:
    return [c for stage in graph.stages_of(int(graph.call_handler[call])) for c in stage]


def _part(cache: Cache, servers: int) -> Cache:
    """What one of several cache servers holds: keys are spread over them."""
    if servers == 1:
        return cache
    keys = max(cache.keys // servers, 1)
    return cache.model_copy(update={"keys": keys})
