"""The store of versions: every desired state that an object has had since it is watched, in SQLite."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import orjson

from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ConfigurationError
from aiops.core.private_file import private_file

SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    at REAL NOT NULL,
    verb TEXT NOT NULL,      -- baseline, created, updated, deleted
    actor TEXT NOT NULL,
    state BLOB,              -- JSON; NULL: deleted
    fields BLOB NOT NULL     -- JSON
);
CREATE INDEX IF NOT EXISTS versions_of ON versions (kind, namespace, name, id);
CREATE INDEX IF NOT EXISTS versions_at ON versions (at);
CREATE TABLE IF NOT EXISTS scopes (
    kind TEXT NOT NULL, namespace TEXT NOT NULL,
    since REAL NOT NULL,     -- when it was listed for the first time
    PRIMARY KEY (kind, namespace)
);
"""
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object. `verb` is `baseline` where it was there before anybody watched."""

    entity: Entity
    at: float
    verb: str
    actor: str
    state: Manifest | None
    fields: tuple[FieldChange, ...] = ()


class VersionStore:
    """Append-only but for retention. Times in unix seconds. One process writes it."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = sqlite3.connect(private_file(path), isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"the database {path} cannot be used: {error}") from error

    def close(self) -> None:
        self._db.close()

    def add(self, versions: list[Version]) -> None:
        """Append versions, all or none."""
        if not versions:
            return
        rows = [
            (
                v.entity.kind,
                v.entity.namespace,
                v.entity.name,
                v.at,
                v.verb,
                v.actor,
                None if v.state is None else orjson.dumps(v.state),
                orjson.dumps([field.model_dump() for field in v.fields]),
            )
            for v in versions
        ]
        insert = "INSERT INTO versions (kind, namespace, name, at, verb, actor, state, fields) VALUES (?,?,?,?,?,?,?,?)"
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(insert, rows)
        except sqlite3.Error:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def latest(self, entity: Entity) -> Version | None:
        """The newest version of an object, also where that is its deletion."""
        return self._one("", entity, ())

    def before(self, entity: Entity, moment: float) -> Version | None:
        """The version of an object that was in force just before `moment`."""
        return self._one("AND at < ?", entity, (moment,))

    def present(self, kind: str, namespace: str) -> list[Entity]:
        """The objects of a kind that exist; in every namespace where none is given."""
        rows = self._db.execute(
            "SELECT v.namespace, v.name FROM versions v JOIN "
            "(SELECT MAX(id) AS id FROM versions WHERE kind = ? GROUP BY namespace, name) n ON v.id = n.id "
            "WHERE v.state IS NOT NULL AND (? = '' OR v.namespace = ?) ORDER BY v.namespace, v.name",
            (kind, namespace, namespace),
        )
        return [Entity(kind=kind, namespace=row[0], name=row[1]) for row in rows]

    def changes(self, start: float, end: float, namespaces: tuple[str, ...]) -> list[Change]:
        """Changes in the window, newest first; those of one moment by object, so that their order is fixed."""
        where = f"AND namespace IN ({','.join('?' * len(namespaces))})" if namespaces else ""
        rows = self._db.execute(
            "SELECT kind, namespace, name, at, verb, actor, fields FROM versions "  # noqa: S608 - only question marks
            f"WHERE at >= ? AND at <= ? AND verb != ? {where} ORDER BY at DESC, kind, namespace, name, id DESC",
            (start, end, BASELINE, *namespaces),
        )
        return [
            Change(
                entity=Entity(kind=row[0], namespace=row[1], name=row[2]),
                at=row[3],
                verb=row[4],
                actor=row[5],
                fields=tuple(FieldChange(**field) for field in orjson.loads(row[6])),
            )
            for row in rows
        ]

    def begin(self, kind: str, namespace: str, moment: float) -> None:
        """Note that a scope was listed for the first time."""
        self._db.execute("INSERT OR IGNORE INTO scopes VALUES (?, ?, ?)", (kind, namespace, moment))

    def since(self, kind: str, namespace: str) -> float | None:
        """When a scope was listed for the first time; None where it never was."""
        query = "SELECT since FROM scopes WHERE kind = ? AND namespace IN (?, '') ORDER BY namespace LIMIT 1"
        row = self._db.execute(query, (kind, namespace)).fetchone()
        return None if row is None else float(row[0])

    def forget(self, cutoff: float, most: int) -> None:
        """Drop versions that were replaced before `cutoff`, and the oldest replaced ones beyond `most`."""
        replaced = (
            "SELECT id FROM versions v WHERE EXISTS (SELECT 1 FROM versions n WHERE n.kind = v.kind "
            "AND n.namespace = v.namespace AND n.name = v.name AND n.id > v.id"
        )
        self._db.execute(f"DELETE FROM versions WHERE id IN ({replaced} AND n.at < ?))", (cutoff,))  # noqa: S608
        (count,) = self._db.execute("SELECT COUNT(*) FROM versions").fetchone()
        excess = max(count - most, 0)
        self._db.execute(f"DELETE FROM versions WHERE id IN ({replaced}) ORDER BY id LIMIT ?)", (excess,))  # noqa: S608

    def _one(self, condition: str, entity: Entity, more: tuple[float, ...]) -> Version | None:
        row = self._db.execute(
            "SELECT at, verb, actor, state, fields FROM versions WHERE kind = ? AND namespace = ? AND name = ? "  # noqa: S608
            f"{condition} ORDER BY id DESC LIMIT 1",
            (entity.kind, entity.namespace, entity.name, *more),
        ).fetchone()
        if row is None:
            return None
        fields = tuple(FieldChange(**field) for field in orjson.loads(row[4]))
        state = None if row[3] is None else orjson.loads(row[3])
        return Version(entity=entity, at=row[0], verb=row[1], actor=row[2], state=state, fields=fields)
