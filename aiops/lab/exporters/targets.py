"""Prometheus' own `up`: which targets answered the scrape."""

from __future__ import annotations

import numpy as np

from aiops.lab.exporters.samples import Samples
from aiops.lab.ports import ClusterView
from aiops.lab.traffic import Traffic
from aiops.lab.traffic.graph import IntArray
from aiops.lab.tsdb import TimeSeriesStore


class Targets:
    """The instrumented pods, found through the API, and the cluster's own exporters, which always answer."""

    def __init__(self, traffic: Traffic, view: ClusterView, store: TimeSeriesStore) -> None:
        self._traffic = traffic
        self._view = view
        self._store = store
        self._seen = (-1, -1)
        self._samples = Samples(np.zeros(0, dtype=np.int64), np.zeros(0))
        self._own: IntArray = np.array([store.series("up", labels) for labels in self._exporters()], dtype=np.int64)

    def collect(self) -> Samples:
        seen = (self._view.revision, self._traffic.layout)
        if seen != self._seen:
            self._seen = seen
            self._read()
        return self._samples

    def _exporters(self) -> list[dict[str, str]]:
        nodes = self._traffic.application.nodes
        found = [{"job": "kube-state-metrics", "instance": "kube-state-metrics.monitoring.svc:8080"}]
        found += [{"job": "node-exporter", "instance": f"{n.address}:9100", "node": n.name} for n in nodes]
        found += [{"job": "kubelet", "instance": f"{n.address}:10250", "node": n.name} for n in nodes]
        return found

    def _read(self) -> None:
        answering = {(p.namespace, p.pod) for p in self._traffic.listening()}
        ids, values = [], []
        for pod in self._view.objects("Pod"):
            meta, address = pod["metadata"], (pod.get("status") or {}).get("podIP", "")
            for container in pod["spec"].get("containers") or ():
                port = next((p for p in container.get("ports") or () if p.get("name") == "http"), None)
                if not address or port is None:
                    continue
                labels = {
                    "namespace": meta["namespace"],
                    "pod": meta["name"],
                    "service": container["name"],
                    "job": f"{meta['namespace']}/{container['name']}",
                    "instance": f"{address}:{port['containerPort']}",
                }
                ids.append(self._store.series("up", labels))
                values.append(float((meta["namespace"], meta["name"]) in answering))
        together = dict(zip(ids, values, strict=True))
        self._samples = Samples(
            np.concatenate([self._own, np.array(list(together), dtype=np.int64)]),
            np.concatenate([np.ones(len(self._own)), np.array(list(together.values()))]),
        )
