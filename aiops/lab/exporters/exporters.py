"""All exporters of the cluster, scraped together."""

from __future__ import annotations

from aiops.lab.exporters.api_server import ApiServer
from aiops.lab.exporters.blackbox import Blackbox
from aiops.lab.exporters.cadvisor import Cadvisor
from aiops.lab.exporters.ingress import IngressNginx
from aiops.lab.exporters.kube_state import KubeStateMetrics
from aiops.lab.exporters.node_exporter import NodeExporter
from aiops.lab.exporters.opentelemetry import OpenTelemetry
from aiops.lab.exporters.samples import join
from aiops.lab.exporters.targets import Targets
from aiops.lab.ports import ClusterView
from aiops.lab.traffic import Traffic
from aiops.lab.tsdb import TimeSeriesStore


class Exporters:
    """Reads the data plane and the API objects, and appends what Prometheus would have scraped."""

    def __init__(self, traffic: Traffic, view: ClusterView, store: TimeSeriesStore, seed: int) -> None:
        self._store = store
        self._targets = Targets(traffic, view, store)
        self._kube_state = KubeStateMetrics(view, store)
        self._cadvisor = Cadvisor(traffic, store)
        self._nodes = NodeExporter(traffic, store)
        self._programs = OpenTelemetry(traffic, store)
        self._ingress = IngressNginx(traffic, store)
        self._blackbox = Blackbox(traffic, store, seed)
        self._api_server = ApiServer(traffic, store)

    def scrape(self, now: float) -> None:
        """One scrape of every target. Call after the step that ends at `now`, every `SCRAPE_INTERVAL` seconds."""
        samples = join(
            [
                self._targets.collect(),
                self._kube_state.collect(),
                self._cadvisor.collect(),
                self._nodes.collect(now),
                self._programs.collect(),
                self._ingress.collect(),
                self._blackbox.collect(now),
                self._api_server.collect(),
            ]
        )
        self._store.append(now, samples.ids, samples.values)
