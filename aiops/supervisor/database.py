"""The SQLite database of incidents, events, approvals and changes: schema and connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from aiops.core.errors import ConfigurationError, StorageError
from aiops.core.private_file import private_file

SCHEMA = """
CREATE TABLE IF NOT EXISTS incidents (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, opened_at REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS signals (
    id TEXT NOT NULL, fingerprint TEXT NOT NULL, incident TEXT NOT NULL REFERENCES incidents(id),
    received_at REAL NOT NULL, body TEXT NOT NULL, PRIMARY KEY (incident, id));
CREATE INDEX IF NOT EXISTS signals_by_fingerprint ON signals(fingerprint);
CREATE TABLE IF NOT EXISTS events (
    incident TEXT NOT NULL REFERENCES incidents(id), seq INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (incident, seq), UNIQUE (incident, key));
CREATE TABLE IF NOT EXISTS approvals (
    id TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents(id), action TEXT NOT NULL, digest TEXT NOT NULL,
    decision TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    id TEXT PRIMARY KEY, incident TEXT NOT NULL, namespace TEXT NOT NULL, intended_at REAL NOT NULL,
    before TEXT NOT NULL, applied TEXT);
CREATE TABLE IF NOT EXISTS writers (
    namespace TEXT PRIMARY KEY, incident TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    incident TEXT NOT NULL REFERENCES incidents(id), seq INTEGER NOT NULL, channel TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', UNIQUE (incident, seq, channel));
CREATE INDEX IF NOT EXISTS outbox_by_state ON outbox(state, channel);
CREATE TABLE IF NOT EXISTS switches (
    name TEXT PRIMARY KEY, actor TEXT NOT NULL, at REAL NOT NULL);
"""


def check_file(path: Path) -> None:
    """Raises `ConfigurationError` where a database that others open later is damaged."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"the database {path} cannot be used: {error}") from error


class Database:
    """One connection, write-ahead logged, each commit flushed to the disk.

    Statements take well under a millisecond, so they run on the caller's thread. Raises `ConfigurationError` where the
    file cannot be opened, `StorageError` where it cannot be read or written later.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._connection = sqlite3.connect(private_file(path), isolation_level=None, check_same_thread=False)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("PRAGMA foreign_keys=ON")
            self._connection.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"the database {path} cannot be used: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction: committed at the end, rolled back where the block or the commit raises. One inside
        another is part of it."""
        if self._inside():
            yield self._connection
            return
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._inside():  # a full disk makes SQLite roll back by itself
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, *arguments: object) -> list[sqlite3.Row]:
        with self._told():
            return self._connection.execute(query, arguments).fetchall()

    def row(self, query: str, *arguments: object) -> sqlite3.Row | None:
        return next(iter(self.rows(query, *arguments)), None)

    def _inside(self) -> bool:
        return self._connection.in_transaction

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise  # a mistake of ours, not of the disk
            raise StorageError(f"the database {self._path} cannot be used: {error}") from error

    def close(self) -> None:
        self._connection.close()
