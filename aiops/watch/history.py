"""The history that a change recorder left behind, for readers beside the process that records."""

from __future__ import annotations

from pathlib import Path

from aiops.analysis.changes.watched import WATCHED_KINDS
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.watch.versions import VersionStore

CHANGES_FILE = "changes.db"
"""The recorder's file in the state folder."""


class RecordedHistory:
    """Implements `ChangeHistory` on a recorder's file, as far as it was written. `close` it."""

    def __init__(self, path: Path) -> None:
        self._store = VersionStore(path)

    def close(self) -> None:
        self._store.close()

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return self._store.changes(start, end, namespaces)

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        version = self._store.before(entity, moment)
        return None if version is None else version.state

    async def watched_since(self) -> float:
        known = [since for kind in WATCHED_KINDS if (since := self._store.since(kind, "")) is not None]
        return max(known, default=float("inf"))

    def reading_once(self) -> RecordedHistory:
        return self

    def problems(self) -> tuple[str, ...]:
        return ()


def recorded_history(state_dir: Path) -> RecordedHistory | None:
    """The history in a state folder; None where nothing was ever recorded there. Raises `ConfigurationError`."""
    path = state_dir / CHANGES_FILE
    return RecordedHistory(path) if path.is_file() else None
