"""The blackbox exporter: the pages that users open, asked for from outside the cluster."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.apps.demand import Operation
from aiops.lab.exporters.exposition.samples import Sheet, Target
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.graph import STATUSES
from aiops.lab.traffic.demand.arrivals import Streams
from aiops.lab.tsdb import TimeSeriesStore

_STREAM = 4
_HANDSHAKE_SECONDS = 0.02


class Blackbox:
    """Asks for each page once a scrape. As in the exporter, a failed handshake shows status 0 and no expiry."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, mine: Mine, seed: int) -> None:
        self._traffic = traffic
        self._store = store
        self._streams = Streams(seed)
        self._pages: list[tuple[int, str, str]] = []
        self.targets: Sequence[Target] = ()
        self.sheet = Sheet()
        self._names: tuple[tuple[str, int], ...] = ()
        app = traffic.application
        found: list[Target] = []
        for number, operation in enumerate(app.operations):
            host = app.host_of(operation)
            target = Target({"job": "blackbox", "instance": _page(host, operation), "namespace": app.namespace})
            if operation.method == "GET" and target not in found and mine(target.labels):
                self._pages.append((number, host, target.labels["instance"]))
                found.append(target)
        self.targets = found

    def version(self) -> Hashable:
        return 0

    def lay_out(self) -> None:
        """The pages never change."""

    def values(self, now: float) -> FloatArray:
        if not self._pages:
            return np.zeros(0)
        samples = list(self._ask_for_all(now, self._streams.at(now, _STREAM)))
        names = tuple((name, owner) for name, owner, _ in samples)
        if names != self._names:
            self._names = names
            ids = [self._store.series(name, self.targets[owner].labels) for name, owner in names]
            owners = [owner for _, owner in names]
            self.sheet = Sheet(np.array(ids, dtype=np.int64), np.array(owners, dtype=np.int64))
        return np.array([value for _, _, value in samples])

    def _ask_for_all(self, now: float, rng: np.random.Generator) -> Iterator[tuple[str, int, float]]:
        """(metric, owner, value)."""
        door = self._traffic.front_door
        ends = {served.host: served.ends for served in door.served()}
        for owner, (number, host, _) in enumerate(self._pages):
            trusted = door.trusted(host, now)
            status, seconds = self._ask(number, rng) if trusted else (0, 0.0)
            yield "probe_success", owner, float(status == 200)
            yield "probe_duration_seconds", owner, seconds + _HANDSHAKE_SECONDS
            yield "probe_http_status_code", owner, float(status)
            if trusted and status and host in ends:
                yield "probe_ssl_earliest_cert_expiry", owner, ends[host]

    def _ask(self, number: int, rng: np.random.Generator) -> tuple[int, float]:
        """(status, seconds) of one request; status 0 where nobody listens."""
        drawn, place = rng.random(2)
        entry = self._traffic.flow.graph.entries[number] if self._traffic.flow.graph.entries else ()
        if not len(entry):
            return 0, 0.0
        handler, flow = entry[int(place * len(entry))], self._traffic.flow
        if drawn >= flow.fails[handler]:
            return 200, float(flow.ok_mean[handler])
        total = np.cumsum(flow.statuses[:, handler])
        index = int(np.searchsorted(total, drawn / flow.fails[handler] * total[-1], side="right"))
        return STATUSES[min(index, len(STATUSES) - 1)], float(flow.fail_mean[handler])


def _page(host: str, operation: Operation) -> str:
    return f"https://{host}{operation.path}"
