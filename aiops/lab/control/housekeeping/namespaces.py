"""The namespace controller: empties a namespace that ends, pods first, and says what holds it up."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.housekeeping.namespace_conditions import Remains, conditions
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import Key, deleting, key_of
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

PAUSE = 5.0
"""Seconds after its deletion before a namespace is emptied: others may still be writing to it."""

FINALIZER_SECONDS = 15
"""How long somebody is thought to need who has a finalizer on an object."""

FINALIZER = "kubernetes"


class NamespaceController(Controller):
    """Ends namespaces. Its keys have no namespace of their own."""

    account = "namespace-controller"

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Namespace" and write.type != "DELETED":
            if deleting(write.new):
                yield key_of(write.new)
        elif write.type == "DELETED" and (name := write.new["metadata"].get("namespace")):
            namespace = self._store.find("Namespace", "", name)
            if namespace is not None and deleting(namespace):
                yield "", name

    def sync(self, key: Key) -> float | None:
        namespace = self._store.find("Namespace", *key)
        if namespace is None or not deleting(namespace) or not namespace["spec"].get("finalizers"):
            return None
        deleted_at, now = from_rfc3339(namespace["metadata"]["deletionTimestamp"]), self._store.now()
        if now < deleted_at + PAUSE:
            return deleted_at + PAUSE
        remains = self._empty(key[1], now - deleted_at)
        status = namespace.get("status") or {}
        told = conditions(status.get("conditions") or (), remains, now)
        namespace = self._client.update_status(namespace, {**status, "phase": "Terminating", "conditions": told})
        if remains.errors:
            raise ApiError(409, "Conflict", "; ".join(remains.errors))
        if remains.estimate:
            return now + remains.estimate // 2 + 1
        rest = [entry for entry in namespace["spec"]["finalizers"] if entry != FINALIZER]
        self._client.finalize({**namespace, "spec": {**namespace["spec"], "finalizers": rest}})
        return None

    def _empty(self, name: str, since: float) -> Remains:
        """Delete everything, once the pods are gone. Tells what is left."""
        remains = Remains()
        pods = self._store.catalog.stored("Pod")
        if self._delete_all(pods, name, since, remains):
            # The rest is kept as long as pods run that may need it.
            remains.resources.clear()
            remains.finalizers.clear()
            return remains
        for shelf in self._store.catalog.shelves:
            resource = self._store.catalog.stored(shelf)
            if resource.namespaced and resource.kind != "Pod":
                self._delete_all(resource, name, since, remains)
        return remains

    def _delete_all(self, resource: Resource, name: str, since: float, remains: Remains) -> bool:
        """Delete all objects of a kind. Is there any left?"""
        found = self._store.objects(resource.shelf, name)
        if not found:
            return False
        grace = max((_grace(item) for item in found), default=0) if resource.kind == "Pod" else 0
        for item in found:
            if not deleting(item):
                try:
                    self._client.delete(resource.shelf, key_of(item))
                except ApiError as error:
                    remains.errors.append(str(error))
        left = self._store.objects(resource.shelf, name)
        if left:
            held = remains.add(resource, left)
            remains.estimate = max(remains.estimate, grace if since < grace else FINALIZER_SECONDS if held else 0)
            if since >= grace and not held:
                path = (
                    f"{resource.api_version if resource.group else '/' + resource.version}, Resource={resource.plural}"
                )
                remains.errors.append(f"unexpected items still remain in namespace: {name} for gvr: {path}")
        return bool(left)


def _grace(pod: Manifest) -> int:
    if pod.get("status", {}).get("phase") in FINISHED:
        return 0
    return int(pod["spec"].get("terminationGracePeriodSeconds") or 0)
