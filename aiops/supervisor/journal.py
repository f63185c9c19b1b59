"""The journal of changes in the database, and the rules that count on it: one writer a namespace, limits an hour."""

from __future__ import annotations

import json
from collections.abc import Callable

from pydantic import TypeAdapter

from aiops.core.action import Action, Applied
from aiops.core.entity import Manifest
from aiops.supervisor.database import Database

_APPLIED = TypeAdapter(tuple[Applied, ...])


class SqliteJournal:
    """Implements `aiops.core.action.Journal` for the changes of one incident."""

    def __init__(self, database: Database, incident: str, now: Callable[[], float]) -> None:
        self._database = database
        self._incident = incident
        self._now = now

    async def intend(self, action: Action, before: tuple[Manifest | None, ...]) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?, NULL)",
                (action.id, self._incident, action.proposal.target.namespace, self._now(), json.dumps(before)),
            )

    async def intended(self, action_id: str) -> tuple[Manifest | None, ...] | None:
        row = self._database.row("SELECT before FROM changes WHERE id = ?", action_id)
        return tuple(json.loads(row["before"])) if row else None

    async def record(self, action_id: str, applied: tuple[Applied, ...]) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE changes SET applied = ? WHERE id = ? AND applied IS NULL",
                (_APPLIED.dump_json(applied).decode(), action_id),
            )

    async def applied(self, action_id: str) -> tuple[Applied, ...] | None:
        row = self._database.row("SELECT applied FROM changes WHERE id = ?", action_id)
        return _APPLIED.validate_json(row["applied"]) if row and row["applied"] else None


class Writers:
    """Who may change a namespace now, and how often it was changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, namespace: str, incident: str) -> str | None:
        """None where `incident` may write now (again); else the incident that holds the namespace."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO writers VALUES (?, ?)", (namespace, incident))
            (holder,) = connection.execute("SELECT incident FROM writers WHERE namespace = ?", (namespace,)).fetchone()
        return None if holder == incident else str(holder)

    def release(self, incident: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM writers WHERE incident = ?", (incident,))

    def changes_since(self, namespace: str, moment: float, *, other_than: str) -> int:
        """How many changes were begun in a namespace since `moment`, not counting the action `other_than`."""
        row = self._database.row(
            "SELECT COUNT(*) AS n FROM changes WHERE namespace = ? AND intended_at >= ? AND id != ?",
            namespace,
            moment,
            other_than,
        )
        return int(row["n"]) if row else 0
