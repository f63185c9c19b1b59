"""kube-state-metrics: the cluster's objects as metrics, worked out anew only for objects that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from aiops.core.entity import Manifest
from aiops.lab.exporters.kube_pods import pod_metrics
from aiops.lab.exporters.kube_workloads import (
    deployment_metrics,
    endpoint_metrics,
    node_metrics,
    replicaset_metrics,
    service_metrics,
)
from aiops.lab.exporters.samples import Metric, Samples, join
from aiops.lab.ports import ClusterView
from aiops.lab.tsdb import TimeSeriesStore

_TARGET = {"job": "kube-state-metrics", "instance": "kube-state-metrics.monitoring.svc:8080"}

_KINDS: dict[str, Callable[[Manifest], Iterator[Metric]]] = {
    "Pod": pod_metrics,
    "Deployment": deployment_metrics,
    "ReplicaSet": replicaset_metrics,
    "EndpointSlice": endpoint_metrics,
    "Service": service_metrics,
    "Node": node_metrics,
}


class KubeStateMetrics:
    """Scrapes the API server's objects."""

    def __init__(self, view: ClusterView, store: TimeSeriesStore) -> None:
        self._view = view
        self._store = store
        self._revision = -1
        self._known: dict[str, tuple[str, Samples]] = {}
        self._samples = join([])

    def collect(self) -> Samples:
        if self._view.revision != self._revision:
            self._revision = self._view.revision
            self._read()
        return self._samples

    def _read(self) -> None:
        known: dict[str, tuple[str, Samples]] = {}
        for kind, metrics in _KINDS.items():
            for manifest in self._view.objects(kind):
                meta = manifest["metadata"]
                key = f"{kind}/{meta.get('namespace', '')}/{meta['name']}"
                version = f"{meta.get('uid')}/{meta.get('resourceVersion')}"
                old = self._known.get(key)
                known[key] = old if old and old[0] == version else (version, self._sample(metrics(manifest)))
        self._known = known
        self._samples = join(samples for _, samples in known.values())

    def _sample(self, metrics: Iterator[Metric]) -> Samples:
        found = {self._store.series(name, {**labels, **_TARGET}): value for name, labels, value in metrics}
        return Samples(np.array(list(found), dtype=np.int64), np.array(list(found.values()), dtype=np.float64))
