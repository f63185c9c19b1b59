"""The protocol through which a fault acts on a cluster."""

from __future__ import annotations

from typing import Any, Protocol

from aiops.core.entity import Entity, Manifest
from aiops.core.kubernetes_api import PatchType


class Target(Protocol):
    """What a fault acts through. Every write is journaled with its undo before it is made."""

    async def get(self, entity: Entity) -> Manifest: ...

    async def list(self, kind: str, namespace: str) -> list[Manifest]: ...

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType = "strategic") -> Manifest: ...

    async def create(self, manifest: Manifest) -> Manifest: ...

    async def delete(self, entity: Entity) -> None: ...
