"""Whose an object is: the one reference that controls it, and how a controller takes orphans in and lets others go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.kube.objects import Key, controller_of, deleting, key_of, labels_of, owners, uid_of, with_metadata
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


def owner_reference(owner: Manifest) -> dict[str, Any]:
    """A reference by which `owner` controls an object."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": uid_of(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controlled_by(item: Manifest, owner: Manifest) -> bool:
    reference = controller_of(item)
    return reference is not None and reference["uid"] == uid_of(owner)


def selector_of(owner: Manifest) -> dict[str, Any]:
    """A workload's selector as a LabelSelector object; a ReplicationController's is a plain map."""
    selector = owner["spec"].get("selector") or {}
    return {"matchLabels": selector} if owner["kind"] == "ReplicationController" else selector


def selects(owner: Manifest, item: Manifest) -> bool:
    """Does a workload's selector match? One that selects everything is taken to select nothing."""
    selector = selector_of(owner)
    return bool(selector) and matches_selector(selector, labels_of(item))


class Dependents:
    """The objects of one kind that workloads of one kind control, and those that nobody does."""

    def __init__(self, store: ObjectStore, owner_kind: str, kind: str) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._owner_kind = owner_kind
        self._kind = kind
        self._orphans: dict[str, dict[Key, None]] = {}

    def owners_to_wake(self, write: Write) -> Iterable[Key]:
        """The workloads that a write to a dependent concerns; remembers it where nobody controls it."""
        if write.kind != self._kind:
            return
        item = write.new
        key = key_of(item)
        before = controller_of(write.old) if write.old is not None else None
        after = controller_of(item)
        if before is not None and before["kind"] == self._owner_kind and before != after:
            yield key[0], before["name"]
        if after is not None or write.type == "DELETED":
            self._orphans.get(key[0], {}).pop(key, None)
            if after is not None and after["kind"] == self._owner_kind:
                yield key[0], after["name"]
            return
        self._orphans.setdefault(key[0], {})[key] = None
        for owner in self._store.objects(self._owner_kind, key[0]):
            if selects(owner, item):
                yield key_of(owner)

    def claim(self, owner: Manifest, adopts: Callable[[Manifest], bool] | None = None) -> list[Manifest]:
        """What the workload controls, after orphans that match were taken in and those that match no longer let go.

        `adopts` says which of the orphans that match it may have; all where it is missing.
        """
        claimed = []
        for item in self._store.owned(uid_of(owner), self._kind):
            if not controlled_by(item, owner):
                continue
            if selects(owner, item):
                claimed.append(item)
            elif not deleting(owner):
                self._release(item, owner)
        return [*claimed, *self._adopt(owner, adopts)]

    def _adopt(self, owner: Manifest, adopts: Callable[[Manifest], bool] | None) -> list[Manifest]:
        known = self._orphans.get(owner["metadata"]["namespace"])
        if not known or deleting(owner):
            return []
        adopted = []
        for key in list(known):
            item = self._store.find(self._kind, *key)
            if item is None or controller_of(item) is not None:
                del known[key]
            elif not deleting(item) and selects(owner, item) and (adopts is None or adopts(item)):
                references = [*owners(item), owner_reference(owner)]
                adopted.append(self._client.update(with_metadata(item, ownerReferences=references)))
        return adopted

    def _release(self, item: Manifest, owner: Manifest) -> None:
        rest = [reference for reference in owners(item) if reference["uid"] != uid_of(owner)]
        self._client.update(with_metadata(item, ownerReferences=rest or None))
