"""How a controller writes: with the field manager that all of them share, and only what changes."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.controller import CONTROLLER_MANAGER
from aiops.lab.kube.objects import Key
from aiops.lab.kube.patching.managed import Entry
from aiops.lab.kube.storage.deletion import DeleteOptions
from aiops.lab.kube.storage.store import ObjectStore


class ControllerClient:
    """The writes of the controllers. What is refused raises `ApiError`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def create(self, manifest: Manifest, managed: list[Entry] | None = None) -> Manifest:
        """`managed` are the entries of field managers where they are known."""
        return self._store.create(manifest, manager=CONTROLLER_MANAGER, managed=managed)

    def update(self, manifest: Manifest) -> Manifest:
        return self._store.update(manifest, manager=CONTROLLER_MANAGER)

    def update_status(self, manifest: Manifest, status: dict[str, Any]) -> Manifest:
        """Write a status where it is another than the object has."""
        return manifest if status == (manifest.get("status") or {}) else self.write_status(manifest, status)

    def write_status(self, manifest: Manifest, status: dict[str, Any]) -> Manifest:
        """Write a status together with the object's metadata."""
        changed = {**manifest, "status": status}
        return self._store.update(changed, manager=CONTROLLER_MANAGER, subresource="status")

    def finalize(self, namespace: Manifest) -> Manifest:
        """Write the finalizers in a namespace's spec."""
        return self._store.update(namespace, manager=CONTROLLER_MANAGER, subresource="finalize")

    def delete(self, kind: str, key: Key, options: DeleteOptions | None = None) -> Manifest:
        return self._store.delete(kind, *key, options)
