"""What instrumented processes tell of themselves: the process, its heap and collector, pools, caches, breakers.

Names are those of the usual library of each language: client_golang, prom-client, Micrometer, prometheus-net,
OpenTelemetry for connection pools.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from aiops.lab.exporters.exposition.forms import Filled, Form, Reading, Unit
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.machines.cadvisor import RSS_SHARE
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore

_PROCESS = (
    Reading("process_cpu_seconds_total", "cpu_seconds"),
    Reading("process_resident_memory_bytes", "working_set", RSS_SHARE, whole=True),
    Reading("process_start_time_seconds", "started"),
    Reading("process_open_fds", "files", whole=True),
    Reading("process_max_fds", "most_files"),
    Reading("http_server_active_requests", "in_flight", whole=True),
)
_GOROUTINES = 1.5
"""For each descriptor: one that reads a connection, and now and then one that works on what came."""

_HEAP_AREA = {"area": "heap"}
_HEAPS = {
    "go": (
        Reading("go_memstats_heap_alloc_bytes", "heap_live", whole=True),
        Reading("go_gc_duration_seconds_count", "heap_collections", whole=True),
        Reading("go_gc_duration_seconds_sum", "heap_pause_seconds"),
    ),
    "java": (
        Reading("jvm_memory_used_bytes", "heap_live", whole=True, labels=_HEAP_AREA),
        Reading("jvm_memory_max_bytes", "heap_most", whole=True, labels=_HEAP_AREA),
        Reading("jvm_gc_pause_seconds_count", "heap_collections", whole=True),
        Reading("jvm_gc_pause_seconds_sum", "heap_pause_seconds"),
    ),
    "nodejs": (
        Reading("nodejs_heap_size_used_bytes", "heap_live", whole=True),
        Reading("nodejs_gc_duration_seconds_count", "heap_collections", whole=True),
        Reading("nodejs_gc_duration_seconds_sum", "heap_pause_seconds"),
    ),
    "dotnet": (
        Reading("dotnet_gc_last_collection_heap_size_bytes", "heap_live", whole=True),
        Reading("dotnet_gc_collections_total", "heap_collections", whole=True),
        Reading("dotnet_gc_pause_time_seconds_total", "heap_pause_seconds"),
    ),
}
_STATE = "db_client_connection_state"
_POOL = (
    Reading("db_client_connection_count", "pool_in_use", whole=True, labels={_STATE: "used"}),
    Reading("db_client_connection_count", "pool_idle", whole=True, labels={_STATE: "idle"}),
    Reading("db_client_connection_max", "pool_size"),
    Reading("db_client_connection_timeouts_total", "pool_timeouts", whole=True),
    Reading("db_client_connection_pending_requests", "pool_pending", whole=True),
)
_CACHE = (
    Reading("cache_gets_total", "cache_hits", whole=True, labels={"result": "hit"}),
    Reading("cache_gets_total", "cache_misses", whole=True, labels={"result": "miss"}),
    Reading("cache_size", "cache_entries", whole=True),
)
_OF_LANGUAGE = {
    "go": (Reading("go_goroutines", "files", _GOROUTINES, whole=True),),
    "nodejs": (Reading("nodejs_eventloop_lag_seconds", "waiting"),),
}
_CONSUMED = "messaging_client_consumed_messages_total"
_CONSUMER = (
    Reading(_CONSUMED, "handler_ok", whole=True),
    Reading(_CONSUMED, "handler_failed", whole=True, labels={"error_type": "500"}),
)
_BREAKER = (
    Reading("resilience4j_circuitbreaker_state", "breaker_closed", labels={"state": "closed"}),
    Reading("resilience4j_circuitbreaker_state", "breaker_open", labels={"state": "open"}),
    Reading("resilience4j_circuitbreaker_state", "breaker_half_open", labels={"state": "half_open"}),
)

Served = Callable[[], Iterator[tuple[int, int, Target]]]
"""(row of a process, owner among the targets, target)."""


class Runtimes:
    """Finds what the processes of some targets have inside."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, served: Served) -> None:
        self._traffic = traffic
        self._served = served
        self._process = Form(store, _PROCESS)
        self._heaps = {language: Form(store, readings) for language, readings in _HEAPS.items()}
        self._pool = Form(store, _POOL)
        self._cache = Form(store, _CACHE)
        self._breaker = Form(store, _BREAKER)
        self._consumer = Form(store, _CONSUMER)
        self._of_language = {language: Form(store, readings) for language, readings in _OF_LANGUAGE.items()}

    def __call__(self) -> tuple[Sequence[Target], Iterable[Filled]]:
        found = {row: (owner, target) for row, owner, target in self._served()}
        processes = [Unit(_key(target), target.labels, owner, row) for row, (owner, target) in found.items()]
        forms: list[Filled] = [(self._process, processes)]
        forms += self._of_heaps(found)
        languages = [process.program.language for process in self._traffic.flow.graph.processes]
        for language, form in self._of_language.items():
            forms.append((form, [unit for unit in processes if languages[unit.row] == language]))
        forms.append((self._consumer, list(self._consumers(found))))
        forms += [(self._pool, self._pools(found)), (self._cache, self._caches(found))]
        return (), [*forms, (self._breaker, self._breakers(found))]

    def _of_heaps(self, found: dict[int, tuple[int, Target]]) -> Iterator[Filled]:
        heaps, processes = self._traffic.engine.collectors, self._traffic.flow.graph.processes
        units: dict[str, list[Unit]] = {language: [] for language in self._heaps}
        for row, process in enumerate(heaps.process.tolist()):
            language = processes[process].program.language
            if process in found and language in units:
                owner, target = found[process]
                units[language].append(Unit(_key(target), target.labels, owner, row))
        for language, form in self._heaps.items():
            yield form, units[language]

    def _pools(self, found: dict[int, tuple[int, Target]]) -> list[Unit]:
        pools, units = self._traffic.engine.protections.pools, []
        for row, (process, (_, variable)) in enumerate(zip(pools.process.tolist(), pools.keys, strict=True)):
            if process in found:
                owner, target = found[process]
                name = self._traffic.flow.graph.processes[process].container.env.get(variable, variable)
                labels = {**target.labels, "db_client_connection_pool_name": name}
                units.append(Unit((_key(target), name), labels, owner, row))
        return units

    def _caches(self, found: dict[int, tuple[int, Target]]) -> list[Unit]:
        caches, units = self._traffic.engine.caches, []
        for row, (process, key) in enumerate(zip(caches.process.tolist(), caches.keys, strict=True)):
            if process in found:
                owner, target = found[process]
                units.append(Unit((_key(target), key[-1]), {**target.labels, "cache": key[-1]}, owner, row))
        return units

    def _consumers(self, found: dict[int, tuple[int, Target]]) -> Iterator[Unit]:
        for row, handler in enumerate(self._traffic.flow.graph.handlers):
            if handler.consumes and handler.process in found:
                owner, target = found[handler.process]
                labels = {**target.labels, "messaging_destination_name": handler.consumes}
                yield Unit((_key(target), handler.route), labels, owner, row)

    def _breakers(self, found: dict[int, tuple[int, Target]]) -> list[Unit]:
        """Those of programs in Java, whose usual library has metrics."""
        breakers, graph = self._traffic.engine.protections.breakers, self._traffic.flow.graph
        units: dict[object, Unit] = {}
        for row, call in enumerate(breakers.calls.tolist()):
            info = graph.calls[call]
            if info.process in found and graph.processes[info.process].program.language == "java":
                owner, target = found[info.process]
                key = (_key(target), info.host, info.route)
                labels = {**target.labels, "name": f"{info.host} {info.route}"}
                units.setdefault(key, Unit(key, labels, owner, row))
        return list(units.values())


def _key(target: Target) -> tuple[str, str]:
    return target.labels["job"], target.labels["instance"]
