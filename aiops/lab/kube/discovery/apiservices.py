"""APIService objects: one for each group and version, as the aggregator registers what the API server serves itself."""

from __future__ import annotations

from typing import Any, Protocol

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.documents import groups, versions
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import METRICS

KIND = "APIService"
_MANAGER = "kube-apiserver"
_LABEL = "kube-aggregator.kubernetes.io/automanaged"
_PRIORITIES = {
    "": 18000, "apps": 17800, "events.k8s.io": 17750, "authentication.k8s.io": 17700, "authorization.k8s.io": 17600,
    "autoscaling": 17500, "batch": 17400, "certificates.k8s.io": 17300, "networking.k8s.io": 17200, "policy": 17100,
    "rbac.authorization.k8s.io": 17000, "storage.k8s.io": 16800, "admissionregistration.k8s.io": 16700,
    "apiextensions.k8s.io": 16700, "scheduling.k8s.io": 16600, "coordination.k8s.io": 16500, "node.k8s.io": 16300,
    "discovery.k8s.io": 16200, "resource.k8s.io": 16200, "flowcontrol.apiserver.k8s.io": 16100,
}  # fmt: skip
"""The priorities of the built-in groups; the group of the registration itself has no object."""

_VERSION_PRIORITIES = {("", "v1"): 1, ("autoscaling", "v2"): 30, ("resource.k8s.io", "v1"): 21,
                       ("flowcontrol.apiserver.k8s.io", "v1"): 21}  # fmt: skip
_ELSEWHERE = {resource.group for resource in METRICS} | {"apiregistration.k8s.io"}


class Store(Protocol):
    """What is needed of the store."""

    catalog: Catalog

    def now(self) -> float: ...

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...

    def create(self, manifest: Manifest, *, manager: str) -> Manifest: ...

    def update(self, manifest: Manifest, *, manager: str, subresource: str = "") -> Manifest: ...

    def delete(self, kind: str, namespace: str, name: str) -> Manifest: ...


def keep_api_services(store: Store) -> None:
    """Make the objects of what the catalogue serves, and remove those of custom groups that it serves no longer."""
    wanted = {
        f"{version}.{group}": (group, version)
        for group in groups(store.catalog)
        if group not in _ELSEWHERE
        for version in versions(store.catalog, group)
    }
    there = {item["metadata"]["name"]: item for item in store.objects(KIND)}
    for name, (group, version) in wanted.items():
        if name not in there:
            _register(store, name, group, version)
    for name, item in there.items():
        if name not in wanted and (item["metadata"].get("labels") or {}).get(_LABEL) == "true":
            store.delete(KIND, "", name)


def _register(store: Store, name: str, group: str, version: str) -> None:
    built_in = group in _PRIORITIES
    spec: dict[str, Any] = {"group": group} if group else {}
    spec["groupPriorityMinimum"] = _PRIORITIES.get(group, 1000)
    spec["version"] = version
    spec["versionPriority"] = _VERSION_PRIORITIES.get((group, version), 15 if built_in else 100)
    labels = {_LABEL: "onstart" if built_in else "true"}
    head = {"apiVersion": "apiregistration.k8s.io/v1", "kind": KIND, "metadata": {"name": name, "labels": labels}}
    made = store.create({**head, "spec": spec}, manager=_MANAGER)
    available = {
        "type": "Available",
        "status": "True",
        "lastTransitionTime": rfc3339(store.now()),
        "reason": "Local",
        "message": "Local APIServices are always available",
    }
    store.update({**made, "status": {"conditions": [available]}}, manager=_MANAGER, subresource="status")
