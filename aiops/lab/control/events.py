"""Kubernetes Events: written once, counted when they repeat, gone after an hour."""

from __future__ import annotations

from random import Random
from typing import Any

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key, deleting, key_of, uid_of, with_metadata
from aiops.lab.kube.storage.store import ObjectStore

TIME_TO_LIVE = 3600.0
"""Seconds; the API server's default `--event-ttl`."""

NORMAL, WARNING = "Normal", "Warning"


class EventRecorder:
    """Writes Events for one component (`kubelet`, `default-scheduler`)."""

    def __init__(self, store: ObjectStore, rng: Random, component: str, manager: str) -> None:
        self._store = store
        self._rng = rng
        self._component = component
        self._manager = manager
        self._known: dict[tuple[str, ...], Key] = {}

    def record(self, about: Manifest, type_: str, reason: str, message: str, *, host: str = "", path: str = "") -> None:
        """Note something about an object. `path` names the part of it (`spec.containers{geo}`)."""
        moment = rfc3339(self._store.now())
        same = (uid_of(about), type_, reason, message, path)
        key = self._known.get(same)
        known = self._store.find("Event", *key) if key else None
        if known is not None:
            counted = {**known, "count": known["count"] + 1, "lastTimestamp": moment}
            self._store.update(with_metadata(counted, resourceVersion=None), manager=self._manager)
            return
        namespace = about["metadata"].get("namespace", "default")
        # A namespace that ends takes no new objects.
        where = self._store.find("Namespace", "", namespace)
        if where is None or deleting(where):
            return
        event = self._event(about, namespace, host, path, moment)
        event |= {"type": type_, "reason": reason, "message": message}
        self._known[same] = key_of(self._store.create(event, manager=self._manager))

    def _event(self, about: Manifest, namespace: str, host: str, path: str, moment: str) -> Manifest:
        metadata = about["metadata"]
        involved: dict[str, Any] = {
            "kind": about["kind"],
            "namespace": metadata.get("namespace"),
            "name": metadata["name"],
            "uid": metadata["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": metadata["resourceVersion"],
            "fieldPath": path,
        }
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": self._name(metadata["name"]), "namespace": namespace},
            "involvedObject": {field: value for field, value in involved.items() if value},
            "source": {"component": self._component, **({"host": host} if host else {})},
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
            "reportingComponent": self._component,
            "reportingInstance": host,
        }

    def _name(self, about: str) -> str:
        """A name of its own, within the limit of 253 characters."""
        return f"{about[:236].rstrip('-.')}.{self._rng.getrandbits(64):016x}"

    def forget(self) -> None:
        """Drop the memory of Events that are gone."""
        self._known = {same: key for same, key in self._known.items() if self._store.find("Event", *key)}


def expire_events(store: ObjectStore) -> None:
    """Delete the Events that have not repeated for an hour."""
    oldest = store.now() - TIME_TO_LIVE
    for event in store.objects("Event"):
        last = event.get("lastTimestamp") or event["metadata"]["creationTimestamp"]
        if from_rfc3339(last) < oldest:
            store.delete("Event", *key_of(event))
