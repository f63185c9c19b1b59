"""The metrics of ingress-nginx: what users asked for, and what they got."""

from __future__ import annotations

import numpy as np

from aiops.lab.exporters.histograms import Histograms
from aiops.lab.exporters.samples import Samples, join
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.front_door import Served
from aiops.lab.traffic.graph import STATUSES
from aiops.lab.tsdb import TimeSeriesStore

_BOUNDS = np.array([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
_STATUSES = [{"status": str(status)} for status in (200, *STATUSES)]
_PORT = 10254
_CLASS = "k8s.io/ingress-nginx"


class IngressNginx:
    """Scrapes every gateway process."""

    def __init__(self, traffic: Traffic, store: TimeSeriesStore) -> None:
        self._traffic = traffic
        self._store = store
        self._controllers: list[dict[str, str]] = []
        self._ids: dict[tuple[str, str, str], int] = {}
        name = "nginx_ingress_controller_request_duration_seconds"
        self._durations = Histograms(store, name, _STATUSES, _BOUNDS, counter="nginx_ingress_controller_requests")
        self._layout = -1

    def collect(self) -> Samples:
        if self._layout != self._traffic.layout:
            self._layout = self._traffic.layout
            self._adopt()
        return join([self._durations.collect(self._traffic.answers.values), self._certificates()])

    def _certificates(self) -> Samples:
        """When the certificate of each host ends, as every controller says."""
        served = self._traffic.front_door.served()
        ids = [self._id(controller, one) for controller in self._controllers for one in served]
        values = [one.ends for _ in self._controllers for one in served]
        return Samples(np.array(ids, dtype=np.int64), np.array(values, dtype=np.float64))

    def _id(self, controller: dict[str, str], served: Served) -> int:
        key = (controller["controller_pod"], served.host, served.secret)
        if key not in self._ids:
            labels = {"namespace": served.namespace, "host": served.host, "secret_name": served.secret}
            labels |= {"class": _CLASS, **controller}
            self._ids[key] = self._store.series("nginx_ingress_controller_ssl_expire_time_seconds", labels)
        return self._ids[key]

    def _adopt(self) -> None:
        graph = self._traffic.flow.graph
        rows, labels = [], []
        self._controllers = [
            {
                "controller_pod": process.pod,
                "controller_namespace": process.namespace,
                "job": "ingress-nginx",
                "instance": f"{self._traffic.address(process)}:{_PORT}",
            }
            for process in graph.processes
            if process.program.role == "gateway"
        ]
        for row, handler in enumerate(graph.handlers):
            if handler.ingress is None:
                continue
            namespace, ingress, path, service = handler.ingress
            process = graph.processes[handler.process]
            rows.append(row)
            labels.append(
                {
                    "namespace": namespace,
                    "ingress": ingress,
                    "service": service,
                    "path": path,
                    "method": handler.method,
                    "host": self._traffic.application.host,
                    "controller_pod": process.pod,
                    "controller_namespace": process.namespace,
                    "job": "ingress-nginx",
                    "instance": f"{self._traffic.address(process)}:{_PORT}",
                }
            )
        self._durations.adopt(rows, labels)
