"""The variables of the Services around a pod, worked out once for each namespace until one of its Services changes."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.environment import service_links
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

MASTER_NAMESPACE, MASTER_SERVICE = "default", "kubernetes"


class ServiceLinks:
    """As the kubelet's `getServiceEnvVarMap`: a pod sees its namespace's Services, and always the API server's."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._known: dict[str, Mapping[str, str]] = {}

    def hear(self, write: Write) -> None:
        namespace = write.new["metadata"]["namespace"]
        if namespace == MASTER_NAMESPACE:
            self._known.clear()
        else:
            self._known.pop(namespace, None)

    def of(self, pod: Manifest) -> Mapping[str, str]:
        namespace = pod["metadata"]["namespace"]
        if pod["spec"].get("enableServiceLinks") is False:
            return service_links(self._master())
        if namespace not in self._known:
            own = self._store.objects("Service", namespace)
            more = [] if namespace == MASTER_NAMESPACE else self._master()
            self._known[namespace] = service_links([*more, *own])
        return self._known[namespace]

    def _master(self) -> list[Manifest]:
        found = self._store.find("Service", MASTER_NAMESPACE, MASTER_SERVICE)
        return [] if found is None else [found]
