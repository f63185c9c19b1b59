"""What has become of the owners that objects name."""

from __future__ import annotations

from enum import Enum
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import deleting, uid_of
from aiops.lab.kube.storage.deletion import FOREGROUND
from aiops.lab.kube.storage.store import ObjectStore


class OwnerState(Enum):
    """An owner is there; waits for its dependents to go; is not there; or is of a kind that nobody can look up."""

    SOLID = "solid"
    WAITING = "waiting"
    DANGLING = "dangling"
    UNKNOWN = "unknown"


class OwnerStates:
    """Looks owners up where they must be: in the dependent's namespace, or in none where their kind has none."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def of(self, reference: dict[str, Any], item: Manifest) -> OwnerState:
        """The state of one of the object's owners."""
        resource = self._store.catalog.of(reference)
        if resource is None:
            return OwnerState.UNKNOWN
        namespace = item["metadata"].get("namespace", "")
        if resource.namespaced and not namespace:
            return OwnerState.UNKNOWN
        owner = self._store.find(resource.shelf, namespace if resource.namespaced else "", reference["name"])
        if owner is None or uid_of(owner) != reference["uid"]:
            return OwnerState.DANGLING
        waits = deleting(owner) and FOREGROUND in (owner["metadata"].get("finalizers") or ())
        return OwnerState.WAITING if waits else OwnerState.SOLID
