"""The namespace controller: gives a namespace its default service account, and empties it when it ends."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.lab.control.controller import CONTROLLER_MANAGER
from aiops.lab.kube.objects import Key, deleting, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class NamespaceController:
    """Looks after namespaces. Its keys have no namespace of their own."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Namespace" and write.type != "DELETED":
            yield key_of(write.new)
        elif write.type == "DELETED" and (name := write.new["metadata"].get("namespace")):
            namespace = self._store.find("Namespace", "", name)
            if namespace is not None and deleting(namespace):
                yield "", name

    def sync(self, key: Key) -> float | None:
        namespace = self._store.find("Namespace", *key)
        if namespace is None:
            return None
        name = key[1]
        if not deleting(namespace):
            if self._store.find("ServiceAccount", name, "default") is None:
                account = {
                    "apiVersion": "v1",
                    "kind": "ServiceAccount",
                    "metadata": {"name": "default", "namespace": name},
                }
                self._store.create(account, manager=CONTROLLER_MANAGER)
            return None
        left = [(shelf, item) for shelf in self._store.catalog.shelves for item in self._store.objects(shelf, name)]
        for shelf, item in left:
            if item["metadata"].get("namespace") and not deleting(item):
                self._store.delete(shelf, *key_of(item))
        if not left and namespace["spec"].get("finalizers"):
            done = {**namespace, "spec": {"finalizers": []}}
            self._store.update(done, manager=CONTROLLER_MANAGER, subresource="finalize")
        return None
