"""The metrics of ingress-nginx: what users asked for, and what they got."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.histograms import Histograms
from aiops.lab.exporters.exposition.samples import Sheet, Target
from aiops.lab.exporters.exposition.together import Together
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.callgraph.graph import STATUSES
from aiops.lab.traffic.network.front_door import Served
from aiops.lab.tsdb import TimeSeriesStore

_BOUNDS = np.array([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
_STATUSES = [{"status": str(status)} for status in (200, *STATUSES)]
_PORT = 10254
_CLASS = "k8s.io/ingress-nginx"


class IngressNginx:
    """A target is every gateway process."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore, mine: Mine) -> None:
        self.targets: Sequence[Target] = ()
        self._traffic = traffic
        self._store = store
        self._mine = mine
        name = "nginx_ingress_controller_request_duration_seconds"
        self._durations = Histograms(store, name, _STATUSES, _BOUNDS, counter="nginx_ingress_controller_requests")
        self._certificates = Sheet()
        self._shown: tuple[object, ...] = ()
        self._ends: FloatArray = np.zeros(0)
        self._together = Together()

    @property
    def sheet(self) -> Sheet:
        return self._together.of([self._durations.sheet, self._certificates])

    def version(self) -> Hashable:
        return self._traffic.layout

    def values(self, now: float) -> FloatArray:
        del now
        self._show(self._traffic.front_door.served())
        return np.concatenate([self._durations.values(self._traffic.engine.answers.values), self._ends])

    def _show(self, served: Sequence[Served]) -> None:
        """When the certificate of each host ends, as every controller says."""
        shown = (*served, *(target.pod for target in self.targets))
        if shown == self._shown:
            return
        self._shown = shown
        name = "nginx_ingress_controller_ssl_expire_time_seconds"
        ids = [
            self._store.series(name, {**_certificate(one), **target.labels})
            for target in self.targets
            for one in served
        ]
        owners = np.repeat(np.arange(len(self.targets)), len(served))
        self._certificates = Sheet(np.array(ids, dtype=np.int64), owners.astype(np.int64))
        self._ends = np.array([one.ends for _ in self.targets for one in served], dtype=np.float64)

    def lay_out(self) -> None:
        graph = self._traffic.flow.graph
        owners: dict[int, int] = {}
        targets: list[Target] = []
        for row, process in enumerate(graph.processes):
            if process.program.role != "gateway":
                continue
            labels = {
                "controller_pod": process.pod,
                "controller_namespace": process.namespace,
                "job": "ingress-nginx",
                "instance": f"{self._traffic.address(process)}:{_PORT}",
            }
            if self._mine(labels):
                owners[row] = len(targets)
                node = str(process.container.pod["spec"].get("nodeName", ""))
                targets.append(Target(labels, node, (process.namespace, process.pod), _PORT))
        self.targets = targets
        self._adopt(owners)

    def _adopt(self, owners: dict[int, int]) -> None:
        rows, labels, owned = [], [], []
        for row, handler in enumerate(self._traffic.flow.graph.handlers):
            if handler.ingress is None or handler.process not in owners:
                continue
            namespace, ingress, path, service = handler.ingress
            owner = owners[handler.process]
            rows.append(row)
            owned.append(owner)
            labels.append(
                {
                    "namespace": namespace,
                    "ingress": ingress,
                    "service": service,
                    "path": path,
                    "method": handler.method,
                    "host": self._traffic.application.host,
                    **self.targets[owner].labels,
                }
            )
        self._durations.adopt(rows, labels, owned)


def _certificate(served: Served) -> dict[str, str]:
    return {"namespace": served.namespace, "host": served.host, "secret_name": served.secret, "class": _CLASS}
