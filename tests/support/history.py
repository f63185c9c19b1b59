"""A change history that knows one object that was deleted."""

from __future__ import annotations

from typing import Any

from aiops.core.changes import Change
from aiops.core.entity import Entity


class Past:
    """Implements `aiops.core.changes.ChangeHistory`."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._manifest = manifest

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return []

    async def version_before(self, entity: Entity, moment: float) -> dict[str, Any] | None:
        return self._manifest if Entity.of(self._manifest) == entity else None

    async def watched_since(self) -> float:
        return 0.0

    def problems(self) -> tuple[str, ...]:
        return ()
