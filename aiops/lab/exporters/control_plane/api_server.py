"""kube-apiserver: everybody's requests, how long they took, who was turned away, its webhooks, its storage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from math import ceil

import numpy as np

from aiops.lab.exporters.control_plane.heartbeats import Heartbeats
from aiops.lab.exporters.control_plane.one_target import OneTarget
from aiops.lab.exporters.control_plane.stored import RESOURCE_NAMES, Stored
from aiops.lab.exporters.control_plane.view import ControlPlaneView
from aiops.lab.exporters.control_plane.webhook_metrics import WebhookMetrics
from aiops.lab.exporters.exposition.page import Durations
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.kube.api.fairness import QUEUED, SEATS
from aiops.lab.kube.storage.requests import Request, RequestLog
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.processes.api_reads import Request as Read
from aiops.lab.tsdb import TimeSeriesStore

TARGET = Target({"job": "apiserver", "instance": "10.0.0.10:6443"})

_BOUNDS = np.array([0.005, 0.025, 0.05, 0.1, 1.0, 5.0, 10.0, 30.0, 60.0])
"""Those that kube-prometheus-stack keeps of the server's."""

_SECONDS = {
    "GET": 0.002,
    "LIST": 0.012,
    "POST": 0.007,
    "PUT": 0.006,
    "PATCH": 0.008,
    "DELETE": 0.006,
    "DELETECOLLECTION": 0.02,
}
"""How long a request of each verb takes on average where nothing is in its way."""

_ETCD_SECONDS = 0.003
_OPERATIONS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_READS = ("GET", "LIST")
_SCHEMAS = {"workload-low": "service-accounts", "global-default": "global-default", "catch-all": "catch-all"}
"""The flow schema of most who belong to a crowded level."""

_OF_ACCOUNTS = ("service-accounts", "workload-low")
_STORAGE = {"storage_cluster_id": "etcd-0"}
_RENEWAL = Request("PUT", "coordination.k8s.io", "v1", "leases", "", "resource", "200")
_FULL = 0.95


class ApiServer(OneTarget):
    """Durations are those of an idle server, but for requests that wait for webhooks or meet a crowd. Without a control
    plane there are only the requests of the application's own programs."""

    def __init__(
        self,
        traffic: Traffic,
        stored: Stored,
        heartbeats: Heartbeats,
        store: TimeSeriesStore,
        mine: Mine,
        control: ControlPlaneView | None,
    ) -> None:
        super().__init__(TARGET, store, mine)
        self._reads = traffic.api_reads.requests
        self._cluster = control.store if control else None
        self._log = control.store.requests if control else RequestLog()
        self._stored = stored
        self._heartbeats = heartbeats
        page = self.page
        self._durations = Durations(page, "apiserver_request_duration_seconds", _BOUNDS)
        self._etcd = Durations(page, "etcd_request_duration_seconds", _BOUNDS)
        self._webhooks = WebhookMetrics(page, self._log)
        self._flows = self._begin_flows() if self.targets else 0
        self._seen: dict[Request, float] = {}
        self._places: dict[Request, int] = {}
        self._asked: dict[Read, Request] = {}
        self._shared: dict[Request, None] = {_RENEWAL: None}
        self._last = 0.0
        self._crowded = False
        self._written = -1

    def _tell(self, now: float) -> None:
        overload = min(self._cluster.turned_away, _FULL) if self._cluster else 0.0
        busy = self._count_requests(1.0 / (1.0 - overload), now)
        seconds = now - (self._last or now - 1.0)
        self._last = now
        self._put_flows(overload, busy[True] / seconds, busy[False] / seconds)
        self._webhooks.count()
        self._put_storage(now)

    def _count_requests(self, slower: float, now: float) -> dict[bool, float]:
        """Count what came since the last time. Returns the seconds that reads (True) and writes took together."""
        busy, waited = {True: 0.0, False: 0.0}, Counter[Request]()
        for request, seconds in self._log.waits:
            waited[request] += 1
            busy[request.verb in _READS] += self._observe(request, 1.0, seconds)
        self._log.waits.clear()
        for request, total in self._totals(now):
            new = total - self._seen.get(request, 0.0)
            if not new:
                continue
            self._seen[request] = total
            place = self._places.get(request)
            if place is None:
                labels = {**_labels(request), "code": request.code}
                place = self._places[request] = self.page.place("apiserver_request_total", labels)
            self.page.fill(place, (total,))
            self._count_etcd(request, new)
            seconds = _SECONDS[request.verb] * (slower if request.code != "429" else 1.0)
            busy[request.verb in _READS] += self._observe(request, new - waited[request], seconds)
        return busy

    def _totals(self, now: float) -> Iterator[tuple[Request, float]]:
        """Every kind of request, and how many there have been."""
        counts = self._log.counts
        for request, total in counts.items():
            if request not in self._shared:
                yield request, total
        for read, total in self._reads.items():
            if read not in self._asked:
                self._asked[read] = _request(read)
                self._shared[self._asked[read]] = None
            yield self._asked[read], total + counts[self._asked[read]]
        if self._cluster:
            yield _RENEWAL, self._heartbeats.until(now) + counts[_RENEWAL]

    def _observe(self, request: Request, count: float, mean: float) -> float:
        self._durations.add(request[:6], partial(_labels, request), count, mean)
        return count * mean

    def _count_etcd(self, request: Request, new: float) -> None:
        """What reaches the storage: lists come from the server's own memory."""
        operation = "update" if request.subresource else _OPERATIONS.get(request.verb)
        if operation and request.code < "300":
            kind = f"{request.resource}.{request.group}".rstrip(".")
            labels = {"operation": operation, "type": kind}
            self._etcd.add((operation, kind), labels.copy, new, _ETCD_SECONDS)

    def _begin_flows(self) -> int:
        """Place the samples that `_put_flows` fills in; where they begin."""
        start = self.page.place("apiserver_current_inflight_requests", {"request_kind": "readOnly"})
        self.page.place("apiserver_current_inflight_requests", {"request_kind": "mutating"})
        for level, schema in _SCHEMAS.items():
            labels = {"flow_schema": schema, "priority_level": level}
            self.page.place("apiserver_flowcontrol_current_executing_requests", labels)
            self.page.place("apiserver_flowcontrol_current_inqueue_requests", labels)
        for level in _SCHEMAS:
            limit = self.page.place("apiserver_flowcontrol_nominal_limit_seats", {"priority_level": level})
            self.page.fill(limit, (SEATS[level],))
        return start

    def _put_flows(self, overload: float, reading: float, writing: float) -> None:
        """Requests under way, by Little's law; where there are too many, all seats and queues of those levels are
        taken."""
        taken = [(SEATS[level], QUEUED) if overload else (0, 0) for level in _SCHEMAS]
        crowd = sum(seats for seats, _ in taken)
        flows = (number for pair in taken for number in pair)
        self.page.fill(self._flows, (ceil(reading) + crowd, ceil(writing), *flows))
        self._crowded = self._crowded or bool(overload or self._log.turned_away)
        if not self._crowded:
            return
        turned_away = Counter({_OF_ACCOUNTS: sum(n for read, n in self._reads.items() if read[-1] == "429")})
        turned_away.update(self._log.turned_away)
        for flow, total in turned_away.items():
            labels = {"flow_schema": flow[0], "priority_level": flow[1], "reason": "queue-full"}
            self.page.put(flow, "apiserver_flowcontrol_rejected_requests_total", labels, total)

    def _put_storage(self, now: float) -> None:
        self._stored.look(now)
        if self._stored.writes == self._written:
            return
        self._written = self._stored.writes
        for kind, count in self._stored.objects.items():
            self.page.put(kind, "apiserver_storage_objects", {"resource": RESOURCE_NAMES[kind]}, count)
        self.page.put("", "apiserver_storage_size_bytes", _STORAGE, self._stored.bytes_at_most)


def _request(read: Read) -> Request:
    verb, group, resource, code = read
    return Request(verb, group, "v1", resource, "", "resource" if verb == "GET" else "namespace", code)


def _labels(request: Request) -> dict[str, str]:
    """All but the status; a label without a value is none."""
    found = {**request._asdict(), "component": "apiserver"}
    del found["code"]
    return {name: value for name, value in found.items() if value}
