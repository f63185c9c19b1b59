"""Events go an hour after they were last written, as the API server's `--event-ttl` has them."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.lab.control.controller import Controller
from aiops.lab.kube.access.user import API_SERVER, User
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

TIME_TO_LIVE = 3600.0
"""Seconds."""


class EventExpiry(Controller):
    """Deletes Events that nobody repeats."""

    hears = ("Event",)

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._ends: dict[Key, float] = {}

    def user(self, _key: Key) -> User:
        """In Kubernetes the store itself forgets Events."""
        return API_SERVER

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Event":
            key = key_of(write.new)
            if write.type == "DELETED":
                self._ends.pop(key, None)
            else:
                self._ends[key] = self._store.now() + TIME_TO_LIVE
                yield key

    def sync(self, key: Key) -> float | None:
        end = self._ends.get(key)
        if end is None or self._store.now() < end:
            return end
        self._store.delete("Event", *key)
        return None
