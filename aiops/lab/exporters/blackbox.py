"""The blackbox exporter: the pages that users open, asked for from outside the cluster."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aiops.lab.exporters.samples import Samples
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.arrivals import generator
from aiops.lab.traffic.graph import STATUSES
from aiops.lab.tsdb import TimeSeriesStore

_STREAM = 4
_HANDSHAKE_SECONDS = 0.02


class Blackbox:
    """Asks for each page once a scrape. As in the exporter, a failed handshake shows status 0 and no expiry."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, seed: int) -> None:
        self._traffic = traffic
        self._store = store
        self._seed = seed
        self._ids: dict[tuple[str, str], int] = {}

    def collect(self, now: float) -> Samples:
        """The samples of one scrape at `now` (unix seconds)."""
        samples = [
            (self._id(name, page), value) for name, page, value in self._pages(now, generator(self._seed, now, _STREAM))
        ]
        return Samples(np.array([i for i, _ in samples], dtype=np.int64), np.array([v for _, v in samples]))

    def _id(self, name: str, page: str) -> int:
        if (name, page) not in self._ids:
            labels = {"job": "blackbox", "instance": page, "namespace": self._traffic.application.namespace}
            self._ids[name, page] = self._store.series(name, labels)
        return self._ids[name, page]

    def _pages(self, now: float, rng: np.random.Generator) -> Iterator[tuple[str, str, float]]:
        """(metric, page, value)."""
        app, door = self._traffic.application, self._traffic.front_door
        trusted = door.trusted(app.host, now)
        ends = next((served.ends for served in door.served() if served.host == app.host), None)
        for number, operation in enumerate(app.operations):
            if operation.method != "GET":
                continue
            page = f"https://{app.host}{operation.path}"
            status, seconds = self._ask(number, rng) if trusted else (0, 0.0)
            yield "probe_success", page, float(status == 200)
            yield "probe_duration_seconds", page, seconds + _HANDSHAKE_SECONDS
            yield "probe_http_status_code", page, float(status)
            if trusted and status and ends is not None:
                yield "probe_ssl_earliest_cert_expiry", page, ends

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
