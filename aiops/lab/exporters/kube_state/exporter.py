"""kube-state-metrics: worked out anew only for objects that were written, from the news of the API."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from aiops.core.entity import Manifest
from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import Metric, Sheet, Target
from aiops.lab.exporters.kube_state.batch import cronjob_metrics, job_metrics
from aiops.lab.exporters.kube_state.configuration import (
    account_metrics,
    configmap_metrics,
    mutating_webhook_metrics,
    namespace_metrics,
    secret_metrics,
    signing_request_metrics,
    validating_webhook_metrics,
)
from aiops.lab.exporters.kube_state.network import (
    endpoint_metrics,
    ingress_metrics,
    network_policy_metrics,
    service_metrics,
)
from aiops.lab.exporters.kube_state.nodes import node_metrics
from aiops.lab.exporters.kube_state.pods import pod_metrics
from aiops.lab.exporters.kube_state.scaling import (
    autoscaler_metrics,
    budget_metrics,
    limit_range_metrics,
    quota_metrics,
)
from aiops.lab.exporters.kube_state.storage import claim_metrics, storage_class_metrics, volume_metrics
from aiops.lab.exporters.kube_state.workloads import (
    daemonset_metrics,
    deployment_metrics,
    replicaset_metrics,
    statefulset_metrics,
)
from aiops.lab.exporters.readings.news import News, ObjectKey, WatchedCluster
from aiops.lab.exporters.scraping.job import Mine
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.tsdb import TimeSeriesStore

TARGET = Target({"job": "kube-state-metrics", "instance": "kube-state-metrics.monitoring.svc:8080"})

KINDS: dict[str, Callable[[Manifest], Iterator[Metric]]] = {
    "Pod": pod_metrics,
    "Deployment": deployment_metrics,
    "ReplicaSet": replicaset_metrics,
    "StatefulSet": statefulset_metrics,
    "DaemonSet": daemonset_metrics,
    "Job": job_metrics,
    "CronJob": cronjob_metrics,
    "HorizontalPodAutoscaler": autoscaler_metrics,
    "PodDisruptionBudget": budget_metrics,
    "ResourceQuota": quota_metrics,
    "LimitRange": limit_range_metrics,
    "EndpointSlice": endpoint_metrics,
    "Service": service_metrics,
    "Ingress": ingress_metrics,
    "NetworkPolicy": network_policy_metrics,
    "Node": node_metrics,
    "Namespace": namespace_metrics,
    "ConfigMap": configmap_metrics,
    "Secret": secret_metrics,
    "ServiceAccount": account_metrics,
    "PersistentVolumeClaim": claim_metrics,
    "PersistentVolume": volume_metrics,
    "StorageClass": storage_class_metrics,
    "ValidatingWebhookConfiguration": validating_webhook_metrics,
    "MutatingWebhookConfiguration": mutating_webhook_metrics,
    "CertificateSigningRequest": signing_request_metrics,
}


@dataclass(slots=True)
class _Entry:
    """The samples of one object; they begin at place `start` of all."""

    ids: IntArray
    values: FloatArray
    start: int = 0


class KubeStateMetrics:
    """One target. An object whose series stay the same is changed in place."""

    def __init__(self, cluster: WatchedCluster, store: TimeSeriesStore, mine: Mine) -> None:
        self.targets: Sequence[Target] = [TARGET] if mine(TARGET.labels) else []
        self.sheet = Sheet()
        self._news = News(cluster, KINDS)
        self._store = store
        self._entries: dict[ObjectKey, _Entry] = {}
        self._values: FloatArray = np.zeros(0)

    def version(self) -> Hashable:
        return 0

    def lay_out(self) -> None:
        """Its one target never changes."""

    def values(self, now: float) -> FloatArray:
        del now
        if not self.targets:
            return self._values
        whole, changed = self._news.take()
        moved = whole
        if whole:
            self._entries = {key: self._entries[key] for key in changed if key in self._entries}
        for key, manifest in changed.items():
            moved |= self._change(key, manifest)
        if moved:
            self._join()
        return self._values

    def _change(self, key: ObjectKey, manifest: Manifest | None) -> bool:
        """Take over the new state of an object. Returns whether there are other series now."""
        old = self._entries.get(key)
        if manifest is None:
            return self._entries.pop(key, None) is not None
        new = self._entry(KINDS[key[0]](manifest))
        if old is not None and np.array_equal(old.ids, new.ids):
            old.values = new.values
            self._values[old.start : old.start + len(new.values)] = new.values
            return False
        self._entries[key] = new
        return True

    def _join(self) -> None:
        start = 0
        for entry in self._entries.values():
            entry.start = start
            start += len(entry.ids)
        entries = self._entries.values()
        ids = np.concatenate([np.zeros(0, dtype=np.int64), *(entry.ids for entry in entries)])
        self.sheet = Sheet(ids, np.zeros(len(ids), dtype=np.int64))
        self._values = np.concatenate([np.zeros(0), *(entry.values for entry in entries)])

    def _entry(self, metrics: Iterator[Metric]) -> _Entry:
        found = {self._store.series(name, {**labels, **TARGET.labels}): value for name, labels, value in metrics}
        return _Entry(np.array(list(found), dtype=np.int64), np.array(list(found.values()), dtype=np.float64))
