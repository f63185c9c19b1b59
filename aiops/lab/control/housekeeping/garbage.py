"""The garbage collector: what is owned goes when its owners do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import WARNING, EventRecorder
from aiops.lab.control.housekeeping.references import OwnerState, OwnerStates
from aiops.lab.kube.objects import Key, deleting, key_of, owners, revision_of, uid_of, with_metadata
from aiops.lab.kube.storage.deletion import FOREGROUND, ORPHAN, DeleteOptions
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class GarbageCollector(Controller):
    """Deletes what has lost its owners, or lets it go where an owner was deleted with `Orphan`.

    A key is the uid of an owner behind an empty text, or shelf, namespace and name of a dependent.
    """

    account = "generic-garbage-collector"

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events
        self._states = OwnerStates(store)

    def keys(self, write: Write) -> Iterable[Key]:
        item = write.new
        if write.type == "DELETED" or (deleting(item) and item["metadata"].get("finalizers")):
            yield "", uid_of(item)
        references = item["metadata"].get("ownerReferences")
        if not references:
            return
        if write.type == "DELETED":
            # A dependent that is gone may be the last one that a foreground deletion waits for.
            yield from (("", owner["uid"]) for owner in references)
        elif self._lost_owner(write):
            yield f"{write.kind}/{item['metadata'].get('namespace', '')}", item["metadata"]["name"]

    def _lost_owner(self, write: Write) -> bool:
        """Does a write name an owner that is not there?"""
        references = owners(write.new)
        if write.old is not None and owners(write.old) == references:
            return False
        return any(self._states.of(owner, write.new) is not OwnerState.SOLID for owner in references)

    def sync(self, key: Key) -> float | None:
        place, name = key
        if place:
            shelf, _, namespace = place.partition("/")
            item = self._store.find(shelf, namespace, name)
            if item is not None:
                self._report_foreign(item)
                self._attempt(shelf, item)
            return None
        owner, dependents = self._store.by_uid(name), self._dependents(name)
        finalizers = owner["metadata"].get("finalizers") or () if owner is not None and deleting(owner) else ()
        if owner is None:
            for shelf, item in dependents:
                self._attempt(shelf, item)
        elif ORPHAN in finalizers:
            for _, item in dependents:
                self._write_owners(item, [each for each in owners(item) if each["uid"] != name])
            self._finish(owner, ORPHAN)
        elif FOREGROUND in finalizers:
            self._wait_for_dependents(owner, dependents)
        return None

    def _dependents(self, uid: str) -> list[tuple[str, Manifest]]:
        return [(self._shelf(item), item) for item in self._store.owned(uid)]

    def _shelf(self, item: Manifest) -> str:
        resource = self._store.catalog.of(item)
        return resource.shelf if resource is not None else str(item["kind"])

    def _wait_for_dependents(self, owner: Manifest, dependents: list[tuple[str, Manifest]]) -> None:
        for shelf, item in dependents:
            self._attempt(shelf, item)
        uid = uid_of(owner)
        left = [item for _, item in self._dependents(uid) if any(_blocks(each, uid) for each in owners(item))]
        if not left:
            self._finish(owner, FOREGROUND)

    def _attempt(self, shelf: str, item: Manifest) -> None:
        """Delete an object none of whose owners is left, or drop those that are not, as `attemptToDeleteItem` does."""
        there = self._store.find(shelf, *key_of(item))
        if there is None or uid_of(there) != uid_of(item) or deleting(there):
            return
        states = [(owner, self._states.of(owner, there)) for owner in owners(there)]
        if not states or any(state is OwnerState.UNKNOWN for _, state in states):
            return
        solid = [owner for owner, state in states if state is OwnerState.SOLID]
        if solid:
            if len(solid) < len(states):
                self._write_owners(there, solid)
            return
        waited_for = any(state is OwnerState.WAITING for _, state in states)
        self._delete(shelf, there, foreground=waited_for and bool(self._store.owned(uid_of(there))))

    def _delete(self, shelf: str, item: Manifest, *, foreground: bool) -> None:
        finalizers = item["metadata"].get("finalizers") or ()
        propagation = "Orphan" if ORPHAN in finalizers else "Background"
        if foreground or FOREGROUND in finalizers:
            propagation = "Foreground"
        dependents = self._store.owned(uid_of(item)) if foreground else []
        if any(FOREGROUND in (each["metadata"].get("finalizers") or ()) for each in dependents if deleting(each)):
            # Two that own each other would wait for each other.
            item = self._write_owners(item, [{**owner, "blockOwnerDeletion": False} for owner in owners(item)])
        options = DeleteOptions(propagation=propagation, uid=uid_of(item), resource_version=str(revision_of(item)))
        self._client.delete(shelf, key_of(item), options)

    def _report_foreign(self, item: Manifest) -> None:
        """Tell of owners that are in another namespace, where nothing can own this object."""
        namespace = item["metadata"].get("namespace", "")
        for owner in owners(item):
            there = self._store.by_uid(owner["uid"])
            if there is not None and there["metadata"].get("namespace", namespace) != namespace:
                what = f"{owner['apiVersion']}/{owner['kind']}, namespace: {namespace}, name: {owner['name']}"
                text = f'ownerRef [{what}, uid: {owner["uid"]}] does not exist in namespace "{namespace}"'
                self._events.record(
                    with_metadata(item, resourceVersion=None), WARNING, "OwnerRefInvalidNamespace", text
                )

    def _write_owners(self, item: Manifest, references: list[dict[str, Any]]) -> Manifest:
        return self._client.update(with_metadata(item, ownerReferences=references or None))

    def _finish(self, owner: Manifest, finalizer: str) -> None:
        rest = [entry for entry in owner["metadata"]["finalizers"] if entry != finalizer]
        self._client.update(with_metadata(owner, finalizers=rest or None))


def _blocks(reference: dict[str, Any], uid: str) -> bool:
    return bool(reference["uid"] == uid and reference.get("blockOwnerDeletion"))
