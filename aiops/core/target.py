"""The protocol through which a fault acts on a cluster."""

from __future__ import annotations

from typing import Any, Protocol

from aiops.core.entity import Entity, Manifest
from aiops.core.kubernetes_api import PatchType


class Target(Protocol):
    """What a fault acts through. Every write is journaled with its undo before it is made."""

    async def get(self, entity: Entity) -> Manifest:
        """The object as it is. Raises `NotFoundError`."""
        ...

    async def list(self, kind: str, namespace: str) -> list[Manifest]:
        """All objects of a kind in a namespace."""
        ...

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType = "strategic") -> Manifest:
        """Change the object, and give it as it is then."""
        ...

    async def create(self, manifest: Manifest) -> Manifest:
        """Create an object. Raises `ConflictError` where there is one of its name."""
        ...

    async def delete(self, entity: Entity) -> None:
        """Delete the object. Raises `NotFoundError`."""
        ...
