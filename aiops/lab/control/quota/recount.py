"""The resource quota controller: counts what quotas are about when something of it changes or goes."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.lab.control.controller import CONTROLLER_MANAGER, Controller
from aiops.lab.kube.admission.quota.counting import counted
from aiops.lab.kube.objects import Key, deleting, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

_FINISHED = ("Succeeded", "Failed")


class QuotaController(Controller):
    """Looks after ResourceQuotas. What is created is counted by admission already."""

    account = "resourcequota-controller"

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "ResourceQuota" and write.type != "DELETED":
            yield key_of(write.new)
        elif _frees(write):
            for quota in self._store.objects("ResourceQuota", write.new["metadata"].get("namespace") or "-"):
                yield key_of(quota)

    def sync(self, key: Key) -> float | None:
        quota = self._store.find("ResourceQuota", *key)
        if quota is None or deleting(quota):
            return None
        status = counted(self._store, quota)
        if status != quota.get("status"):
            self._store.update({**quota, "status": status}, manager=CONTROLLER_MANAGER, subresource="status")
        return None


def _frees(write: Write) -> bool:
    """May the write leave less used than before?"""
    if write.type == "DELETED":
        return True
    if write.old is None:
        return False
    if write.kind == "Pod":
        phases = [(pod.get("status") or {}).get("phase") for pod in (write.new, write.old)]
        resized = write.new["spec"] is not write.old["spec"] and write.new["spec"] != write.old["spec"]
        return resized or (phases[0] in _FINISHED and phases[1] not in _FINISHED)
    return write.kind in ("Service", "PersistentVolumeClaim") and write.new.get("spec") != write.old.get("spec")
