"""kube-apiserver: the requests of the application's own programs, the writes of everybody, and what is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.job import Mine
from aiops.lab.exporters.news import News, WatchedCluster
from aiops.lab.exporters.samples import Sheet, Target
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.api_reads import Request
from aiops.lab.tsdb import TimeSeriesStore

TARGET = Target({"job": "apiserver", "instance": "10.0.0.10:6443"})

_COMPONENT = {"component": "apiserver", "version": "v1"}


class ApiServer:
    """`apiserver_request_total` of programs that read with their service accounts, `apiserver_storage_objects`."""

    def __init__(self, traffic: Traffic, cluster: WatchedCluster, store: TimeSeriesStore, mine: Mine) -> None:
        self.targets: Sequence[Target] = [TARGET] if mine(TARGET.labels) else []
        self.sheet = Sheet()
        self._traffic = traffic
        self._store = store
        self._kinds = {r.kind: f"{r.plural}.{r.group}".rstrip(".") for r in RESOURCES if "list" in r.verbs}
        self._news = News(cluster, self._kinds)
        self._there: set[tuple[str, str, str]] = set()
        self._objects: Counter[str] = Counter()
        self._known: tuple[int, int] = (-1, -1)

    def version(self) -> Hashable:
        return 0

    def lay_out(self) -> None:
        """Its one target never changes."""

    def values(self, now: float) -> FloatArray:
        del now
        if not self.targets:
            return np.zeros(0)
        self._count()
        requests = self._traffic.api_reads.requests
        if (len(requests), len(self._objects)) != self._known:
            self._known = (len(requests), len(self._objects))
            ids = [self._store.series("apiserver_request_total", _labels(request)) for request in requests]
            ids += [self._store.series("apiserver_storage_objects", self._stored(kind)) for kind in self._objects]
            self.sheet = Sheet(np.array(ids, dtype=np.int64), np.zeros(len(ids), dtype=np.int64))
        return np.array([*requests.values(), *self._objects.values()], dtype=np.float64)

    def _count(self) -> None:
        whole, changed = self._news.take()
        if whole:
            self._there.clear()
            self._objects = Counter(dict.fromkeys(self._objects, 0))
        for key, manifest in changed.items():
            if manifest is None and key in self._there:
                self._there.remove(key)
                self._objects[key[0]] -= 1
            elif manifest is not None and key not in self._there:
                self._there.add(key)
                self._objects[key[0]] += 1

    def _stored(self, kind: str) -> dict[str, str]:
        return {**TARGET.labels, "resource": self._kinds[kind]}


def _labels(request: Request) -> dict[str, str]:
    verb, group, resource, code = request
    scope = "resource" if verb == "GET" else "namespace"
    asked = {"verb": verb, "group": group, "resource": resource, "scope": scope, "code": code}
    return {**TARGET.labels, **_COMPONENT, **asked}
