"""The garbage collector: what is owned goes when its owner does."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER
from aiops.lab.kube.objects import Key, deleting, key_of, owners, uid_of, with_metadata
from aiops.lab.kube.storage.deletion import FOREGROUND, ORPHAN, DeleteOptions
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class GarbageCollector:
    """Deletes dependents, or lets them go where the owner was deleted with `Orphan`. A key holds the owner's uid."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.type == "DELETED" or deleting(write.new):
            yield "", uid_of(write.new)
        for owner in owners(write.new):
            # A dependent that is gone may be the last one that a foreground deletion waits for.
            if write.type == "DELETED" or (write.type == "ADDED" and self._store.by_uid(owner["uid"]) is None):
                yield "", owner["uid"]

    def sync(self, key: Key) -> float | None:
        uid = key[1]
        dependents = self._store.owned(uid)
        owner = self._store.by_uid(uid)
        if owner is None:
            for item in dependents:
                self._release(item, uid, orphan=False)
            return None
        finalizers = owner["metadata"].get("finalizers") or []
        if ORPHAN in finalizers:
            for item in dependents:
                self._release(item, uid, orphan=True)
            self._finish(owner, ORPHAN)
        elif FOREGROUND in finalizers:
            blocking = [item for item in dependents if _blocks(item, uid)]
            for item in dependents:
                if not deleting(item):
                    self._store.delete(item["kind"], *key_of(item), DeleteOptions(propagation="Foreground"))
            if not blocking:
                self._finish(owner, FOREGROUND)
        return None

    def _release(self, item: Manifest, uid: str, *, orphan: bool) -> None:
        """Drop the owner from a dependent, and delete the dependent where it was its last."""
        rest = [owner for owner in owners(item) if owner["uid"] != uid]
        if orphan or rest:
            self._store.update(with_metadata(item, ownerReferences=rest or None), manager=CONTROLLER_MANAGER)
        elif not deleting(item):
            self._store.delete(item["kind"], *key_of(item))

    def _finish(self, owner: Manifest, finalizer: str) -> None:
        rest = [entry for entry in owner["metadata"]["finalizers"] if entry != finalizer]
        self._store.update(with_metadata(owner, finalizers=rest or None), manager=CONTROLLER_MANAGER)


def _blocks(item: Manifest, uid: str) -> bool:
    return any(owner["uid"] == uid and owner.get("blockOwnerDeletion") for owner in owners(item))
