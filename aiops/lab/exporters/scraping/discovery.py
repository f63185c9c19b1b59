"""Service discovery: pods with metrics at their own HTTP port, and data stores with an exporter beside them."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Target
from aiops.lab.exporters.readings.news import News, ObjectKey, WatchedCluster

Place = tuple[str, str, str]
"""(namespace, pod, container)."""

_HTTP = "http"
_EXPORTERS = {
    "mongodb": ("mongodb-exporter", 9216),
    "postgresql": ("postgres-exporter", 9187),
    "mysql": ("mysqld-exporter", 9104),
    "redis": ("redis-exporter", 9121),
    "memcached": ("memcached-exporter", 9150),
    "kafka": ("kafka-exporter", 9308),
    "amqp": ("rabbitmq", 15692),
    "dns-tcp": ("coredns", 9153),
}
"""By the name of the port at which something serves: the job of its metrics, and the port where they are."""

_OWN_ENDPOINTS = frozenset({"amqp", "dns-tcp"})
"""What has no exporter beside it: it tells of itself."""

_NOT_INSTRUMENTED = frozenset({"ingress-nginx"})
"""Namespaces whose HTTP ports serve no metrics."""


class Discovery:
    """`programs` and `stores` by place; of stores the name of the port comes first. A pod is one from when it has an
    address until it has ended."""

    def __init__(self, cluster: WatchedCluster) -> None:
        self._news = News(cluster, ["Pod"])
        self._by_pod: dict[ObjectKey, dict[str, tuple[str, Target]]] = {}
        self.programs: dict[Place, Target] = {}
        self.stores: dict[Place, tuple[str, Target]] = {}
        self._version = 0

    def look(self) -> int:
        """Take in what has been written. Returns a number that changes with the targets."""
        whole, changed = self._news.take()
        if not changed and not whole:
            return self._version
        found = {} if whole else self._by_pod.copy()
        for key, pod in changed.items():
            made = {} if pod is None else dict(_targets(pod))
            if made:
                found[key] = made
            else:
                found.pop(key, None)
        if found != self._by_pod:
            self._by_pod = found
            self._version += 1
            placed = {(*key[1:], name): one for key in sorted(found) for name, one in found[key].items()}
            self.programs = {place: target for place, (port, target) in placed.items() if port == _HTTP}
            self.stores = {place: one for place, one in placed.items() if one[0] != _HTTP}
        return self._version


def _targets(pod: Manifest) -> Iterator[tuple[str, tuple[str, Target]]]:
    """(container, (name of the port, target)) of everything in a pod that has metrics."""
    meta, status = pod["metadata"], pod.get("status") or {}
    address = status.get("podIP", "")
    if not address or status.get("phase") in ("Succeeded", "Failed"):
        return
    for container in pod["spec"].get("containers") or ():
        for port in container.get("ports") or ():
            name = port.get("name", "")
            if name in _EXPORTERS:
                yield container["name"], (name, _store(pod, container["name"], name))
            elif name == _HTTP and meta["namespace"] not in _NOT_INSTRUMENTED:
                labels = _labels(pod, container["name"], _HTTP)
                labels |= {"job": f"{meta['namespace']}/{container['name']}"}
                labels |= {"instance": f"{address}:{port['containerPort']}"}
                yield container["name"], (name, _target(pod, labels, port["containerPort"], own=True))


def _store(pod: Manifest, container: str, name: str) -> Target:
    job, port = _EXPORTERS[name]
    labels = {**_labels(pod, container, "metrics"), "job": job, "instance": f"{pod['status']['podIP']}:{port}"}
    return _target(pod, labels, port, own=name in _OWN_ENDPOINTS)


def _labels(pod: Manifest, container: str, endpoint: str) -> dict[str, str]:
    meta = pod["metadata"]
    place = {"namespace": meta["namespace"], "pod": meta["name"]}
    return {**place, "container": container, "service": container, "endpoint": endpoint}


def _target(pod: Manifest, labels: dict[str, str], port: int, *, own: bool) -> Target:
    meta = pod["metadata"]
    node = pod["spec"].get("nodeName", "")
    return Target(labels, node, (meta["namespace"], meta["name"]), port, own=own)
