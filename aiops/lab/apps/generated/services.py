"""What each service of a drawn application is: language, routes, calls, stores, caches, topics, in the short form."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiops.lab.apps.generated.naming import Namer
from aiops.lab.apps.generated.topology import Topology

Data = dict[str, Any]

_LANGUAGES = {"go": 5, "java": 5, "python": 3, "nodejs": 3, "dotnet": 2, "cpp": 1, "rust": 1, "ruby": 1, "php": 1}
_STORES = {"mongodb": 4, "postgresql": 4, "mysql": 3, "redis": 2, "elasticsearch": 1, "minio": 1}
_READS = {
    "mongodb": "find",
    "postgresql": "select",
    "mysql": "select",
    "redis": "hgetall",
    "elasticsearch": "search",
    "minio": "GetObject",
}
_WRITES = {
    "mongodb": "insert",
    "postgresql": "insert",
    "mysql": "update",
    "redis": "hset",
    "elasticsearch": "index",
    "minio": "PutObject",
}
_CACHES = {"redis": "get", "memcached": "get"}
_ON_DISK = ("mongodb", "postgresql", "mysql", "elasticsearch", "minio")
_STORE_CHANCE = {True: 0.6, False: 0.25}
"""Whether a service has a store, by whether it lies in the two deepest layers."""
_SHARED, _SHARERS = 0.25, 3
"""Chance that a service takes a store that another one has, and how many share one at most."""
_CALLS_AT_ONCE = 3
_CPU_MS = (1.5, 9.0)
_STORE_TIMEOUT, _LAYER_FACTOR = 0.6, 1.8


@dataclass(slots=True)
class Drawn:
    """The parts of a drawn application, in the short form; `sharers` counts the services of a store."""

    services: Data = field(default_factory=dict)
    stores: Data = field(default_factory=dict)
    sharers: dict[str, int] = field(default_factory=dict)


def draw_services(topology: Topology, rng: Random, names: Namer, data_namespace: str) -> Drawn:
    """Every service with its stores. Stores lie in `data_namespace` where that is not empty."""
    titles = [names.compound("roles") for _ in topology.layers]
    titles[0] = names.compound("front")
    weights = [weight * rng.choice((0.3, 1, 1, 3)) for weight in _LANGUAGES.values()]
    languages = [rng.choices(list(_LANGUAGES), weights)[0] for _ in titles]
    drawn, writer = Drawn(), _Writer(topology, rng, names, titles, data_namespace)
    routes = writer.routes()
    for number, title in enumerate(titles):
        versions = _versions(rng)
        entry: Data = {"language": languages[number], "versions": versions, "routes": routes[number]}
        if rng.random() < 0.4:
            entry["addresses"] = "config"
        if rng.random() < 0.3:
            entry["disruption_budget"] = {"max_unavailable": 1}
        drawn.services[title] = entry
    for number in range(1, len(titles)):
        writer.store(drawn, number)
    writer.topics(drawn)
    return drawn


class _Writer:
    def __init__(self, topology: Topology, rng: Random, names: Namer, titles: list[str], data_namespace: str) -> None:
        self._topology = topology
        self._rng = rng
        self._names = names
        self._titles = titles
        self._place = {"namespace": data_namespace} if data_namespace else {}

    def routes(self) -> list[Data]:
        """The routes of every service with the calls between services; each route is called by somebody."""
        rng, titles = self._rng, self._titles
        callers: list[list[int]] = [[] for _ in titles]
        for caller, callee in self._topology.calls:
            callers[callee].append(caller)
        made = [self._own_routes(number, len(found)) for number, found in enumerate(callers)]
        names = [list(routes) for routes in made]
        given: list[dict[str, list[Data]]] = [{route: [] for route in routes} for routes in made]
        for callee, found in enumerate(callers):
            for place, caller in enumerate(found):
                to = names[callee][place] if place < len(names[callee]) else rng.choice(names[callee])
                at = min(given[caller], key=lambda route: (len(given[caller][route]), rng.random()))
                given[caller][at].append(self._call(caller, f"{titles[callee]} {to}"))
        for number, routes in enumerate(made):
            for route, entry in routes.items():
                entry["calls"] = self._stages(given[number][route])
        return made

    def _own_routes(self, number: int, callers: int) -> Data:
        rng = self._rng
        if number in self._topology.consumers:
            return {"CONSUME tasks": {"cpu_ms": round(rng.uniform(*_CPU_MS), 1)}}
        count = min(callers, rng.randint(1, 3))
        if number == 0:
            first = sum(layer == 1 for layer in self._topology.layers)
            count = max(3, min(6, first))
        made: Data = {}
        while len(made) < count:
            method = self._names.word("verbs") if made else "GET"
            made[f"{method} /{self._names.word('subjects')}"] = {"cpu_ms": round(rng.uniform(*_CPU_MS), 1)}
        return made

    def _call(self, caller: int, text: str) -> Data:
        rng, deep = self._rng, self._topology.depth - self._topology.layers[caller]
        made: Data = {"call": text, "timeout": round(_STORE_TIMEOUT * _LAYER_FACTOR ** (deep + 1), 2)}
        if rng.random() < 0.2:
            made["probability"] = rng.choice((0.3, 0.5, 0.8))
        if rng.random() < 0.05:
            made["optional"] = True
        if rng.random() < 0.3:
            made["retries"] = 1
        return made

    def _stages(self, calls: list[Data]) -> list[list[Data]]:
        rng, left = self._rng, list(calls)
        stages: list[list[Data]] = []
        while left:
            count = rng.randint(1, _CALLS_AT_ONCE) if len(stages) < 2 else len(left)
            stages.append(left[:count])
            left = left[count:]
        return stages

    def store(self, drawn: Drawn, number: int) -> None:
        """Perhaps a store for a service, one of its own or one that others have; perhaps with a cache before it."""
        rng, topology, entry = self._rng, self._topology, drawn.services[self._titles[number]]
        deep = topology.layers[number] >= topology.depth - 1
        if rng.random() > _STORE_CHANCE[deep]:
            return
        common = [name for name, count in drawn.sharers.items() if count < _SHARERS]
        if common and rng.random() < _SHARED:
            name = rng.choice(common)
        else:
            kind = rng.choices(list(_STORES), list(_STORES.values()))[0]
            name = self._names.compound("stores")
            storage = {"storage": f"{rng.choice((10, 20, 50))}Gi"} if kind in _ON_DISK else {}
            drawn.stores[name] = {"kind": kind, **storage, **self._place}
        drawn.sharers[name] = drawn.sharers.get(name, 0) + 1
        kind, cached = drawn.stores[name]["kind"], ""
        readable = any(route.startswith("GET") for route in entry["routes"])
        if readable and kind not in _CACHES and rng.random() < 0.35:
            cached = self._cache(drawn, entry)
        for route, values in entry["routes"].items():
            self._ask(values, route, name, kind, cached)

    def _cache(self, drawn: Drawn, entry: Data) -> str:
        """A cache server for a service; returns its name."""
        name, kind = self._names.compound("caches"), self._rng.choice(list(_CACHES))
        drawn.stores[name] = {"kind": kind, **self._place}
        keys = self._rng.choice((5000, 20000, 60000))
        entry["caches"] = {"items": {"keys": keys, "entries": keys, "ttl_seconds": 900, "at": name}}
        return name

    def _ask(self, values: Data, route: str, store: str, kind: str, cached: str) -> None:
        """The calls of a route to the service's store: reads may be answered by the cache."""
        reads = route.startswith("GET")
        asked: Data = {"call": f"{store} {(_READS if reads else _WRITES)[kind]}", "timeout": _STORE_TIMEOUT}
        if reads:
            asked["retries"] = 1
            if cached:
                values["calls"].append([{"call": f"{cached} get", "optional": True, "timeout": 0.2}])
                asked["cache"] = "items"
        values["calls"].append([asked])

    def topics(self, drawn: Drawn) -> None:
        """A broker for each consumer, and a route somewhere above that publishes."""
        rng, topology = self._rng, self._topology
        publishers = [n for n, layer in enumerate(topology.layers) if 0 < layer < topology.depth]
        publishers = [n for n in publishers if n not in topology.consumers]
        for number in topology.consumers:
            broker, kind = self._names.compound("queues"), rng.choice(("rabbitmq", "kafka"))
            entry = drawn.services[self._titles[number]]
            topic, route = f"{self._names.word('subjects')}s", next(iter(entry["routes"]))
            drawn.stores[broker] = {"kind": kind, "storage": "10Gi", "topics": {topic: {"limit": 200000}}}
            entry["routes"] = {f"CONSUME {topic}": entry["routes"][route]}
            entry["consumers"] = [{"at": broker, "topic": topic, "route": f"CONSUME {topic}", "workers": 16}]
            routes = drawn.services[self._titles[rng.choice(publishers)]]["routes"]
            published = {"call": f"{broker} publish", "topic": topic, "timeout": _STORE_TIMEOUT, "optional": True}
            routes[rng.choice(list(routes))]["calls"].append([published])


def _versions(rng: Random) -> list[str]:
    major, minor, patch = rng.randint(0, 5), rng.randint(0, 14), rng.randint(0, 6)
    return [f"{major}.{minor}.{patch}", f"{major}.{minor}.{patch + rng.randint(1, 2)}"]
