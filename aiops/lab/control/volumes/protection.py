"""Protection of what is in use: a claim of a pod, a volume of a claim, goes only when nobody needs it any more."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.volumes.classes import claim_names
from aiops.lab.kube.objects import Key, deleting, key_of, with_metadata
from aiops.lab.kube.storage.deletion import FINISHED
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

CLAIM_FINALIZER, VOLUME_FINALIZER = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"


def without_finalizer(item: Manifest, name: str) -> Manifest:
    kept = [each for each in item["metadata"].get("finalizers") or () if each != name]
    return with_metadata(item, finalizers=kept or None)


class PvcProtectionController(Controller):
    """Lets a deleted claim go when no pod uses it: neither one on a node nor one that still waits for a node."""

    account = "pvc-protection-controller"
    hears = ("PersistentVolumeClaim", "Pod")

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "PersistentVolumeClaim" and write.type != "DELETED" and deleting(write.new):
            yield key_of(write.new)
        if write.kind == "Pod" and write.new["spec"].get("volumes"):
            gone = write.type == "DELETED" or (write.new.get("status") or {}).get("phase") in FINISHED
            for name in claim_names(write.new) if gone else ():
                yield write.new["metadata"]["namespace"], name

    def sync(self, key: Key) -> float | None:
        claim = self._store.find("PersistentVolumeClaim", *key)
        if claim is None or not deleting(claim):
            return None
        if CLAIM_FINALIZER in (claim["metadata"].get("finalizers") or ()) and not self._used(key):
            self._client.update(without_finalizer(claim, CLAIM_FINALIZER))
        return None

    def _used(self, key: Key) -> bool:
        return any(
            key[1] in claim_names(pod) and (pod.get("status") or {}).get("phase") not in FINISHED
            for pod in self._store.objects("Pod", key[0])
        )


class PvProtectionController(Controller):
    """Lets a deleted volume go when it is not bound."""

    account = "pv-protection-controller"
    hears = ("PersistentVolume",)

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._client = ControllerClient(store)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "PersistentVolume" and write.type != "DELETED" and deleting(write.new):
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        volume = self._store.find("PersistentVolume", *key)
        if volume is None or not deleting(volume):
            return None
        bound = (volume.get("status") or {}).get("phase") == "Bound"
        if VOLUME_FINALIZER in (volume["metadata"].get("finalizers") or ()) and not bound:
            self._client.update(without_finalizer(volume, VOLUME_FINALIZER))
        return None
