"""Kubernetes Events: written once, counted when they repeat, combined when they are many."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.correlator import Correlator, Note, Told
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import deleting, uid_of, with_metadata
from aiops.lab.kube.patching.managed import Entry
from aiops.lab.kube.storage.store import ObjectStore

NORMAL, WARNING = "Normal", "Warning"
LONGEST_NAME = 236
"""Characters of the object's name in the Event's: with the moment behind it there are at most 253."""


class EventRecorder:
    """Writes Events for one component (`kubelet`, `deployment-controller`), as client-go's recorder does."""

    def __init__(self, store: ObjectStore, component: str, manager: str) -> None:
        self._store = store
        self._component = component
        self._manager = manager
        self._correlator = Correlator()
        self._entries: dict[tuple[bool, bool], list[Entry]] = {}

    def record(self, about: Manifest, type_: str, reason: str, message: str, *, host: str = "", path: str = "") -> None:
        """Note something about an object. `path` names the part of it (`spec.containers{geo}`)."""
        metadata = about["metadata"]
        who = (host, about["kind"], metadata.get("namespace", ""), metadata["name"], uid_of(about))
        told = self._correlator.observe(Note(who, type_, reason, message, path), self._store.now())
        if told is None:
            return
        namespace = metadata.get("namespace", "default")
        known = self._store.find("Event", namespace, told.name) if told.count > 1 else None
        if known is not None:
            repeated = {"count": told.count, "lastTimestamp": rfc3339(self._store.now()), "message": told.message}
            self._store.update(with_metadata({**known, **repeated}, resourceVersion=None), manager=self._manager)
            return
        # A namespace that ends takes no new objects.
        where = self._store.find("Namespace", "", namespace)
        if where is None or deleting(where):
            return
        event = self._event(about, namespace, host, path, told) | {"type": type_, "reason": reason}
        try:
            told.name = self._create(event, (bool(host), told.combined))["metadata"]["name"]
        except ApiError:  # a quota on Events, or a hook, must not stop the work that the Event is about
            return

    def _create(self, event: Manifest, shape: tuple[bool, bool]) -> Manifest:
        """Store an Event. All of one shape (whether there is a host, whether it is combined) have the same fields."""
        now, known = rfc3339(self._store.now()), self._entries.get(shape)
        managed = known and [{**entry, "time": now} for entry in known]
        made = self._store.create(event, manager=self._manager, managed=managed)
        if known is None:
            self._entries[shape] = made["metadata"]["managedFields"]
        return made

    def _event(self, about: Manifest, namespace: str, host: str, path: str, told: Told) -> Manifest:
        metadata = about["metadata"]
        involved: dict[str, Any] = {
            "kind": about["kind"],
            "namespace": metadata.get("namespace"),
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": metadata.get("resourceVersion"),
            "fieldPath": path,
        }
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": self._name(metadata["name"]), "namespace": namespace},
            "involvedObject": {field: value for field, value in involved.items() if value},
            "source": {"component": self._component, **({"host": host} if host else {})},
            "firstTimestamp": rfc3339(told.first),
            "lastTimestamp": rfc3339(self._store.now()),
            "count": told.count,
            "message": told.message,
            "reportingComponent": "" if told.combined else self._component,
            "reportingInstance": "" if told.combined else host,
        }

    def _name(self, about: str) -> str:
        """The object's name and the moment in nanoseconds. The store's revision stands for what is below a tick."""
        moment = int(self._store.now()) * 1_000_000_000 + self._store.revision
        return f"{about[:LONGEST_NAME].rstrip('-.')}.{moment:016x}"
