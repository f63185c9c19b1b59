"""Turns what the API server shows of objects into versions: what is new, what changed, what is gone."""

from __future__ import annotations

from collections.abc import Callable

from aiops.analysis.changes.attribution import Write, last_write
from aiops.analysis.changes.watched import is_followed
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import differences
from aiops.core.moments import created_at
from aiops.watch.kinds import kept
from aiops.watch.versions import BASELINE, Version, VersionStore

RETENTION_SECONDS = 30 * 86400.0
MOST_VERSIONS = 200_000
TIDY_EVERY = 1000
"""Versions between two applications of the retention rules."""

SAME_WRITE = 2.0
"""Seconds after a write within which it is seen."""


class Ledger:
    """Keeps the store in step with the cluster. Seeing a state twice, or an old one late, changes nothing."""

    def __init__(self, store: VersionStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._seen: dict[Entity, int] = {}
        self._until_tidy = 0

    def seen(self, entity: Entity) -> int:
        """The newest resource version of an object that was taken in; 0 for none, and after its deletion."""
        return self._seen.get(entity, 0)

    def present(self, kind: str, namespace: str) -> list[Entity]:
        """The objects of a kind that are known to exist."""
        return self._store.present(kind, namespace)

    def begun(self, kind: str, namespace: str) -> bool:
        """Whether a kind was ever listed: before that nothing is known to be new."""
        return self._store.since(kind, namespace) is not None

    def listed(self, kind: str, namespace: str, items: list[Manifest]) -> None:
        """Take in a whole list: also what is no longer in it is news. The first list of a scope is its baseline."""
        first = not self.begun(kind, namespace)
        versions = [version for item in items if (version := self._version(item, first=first)) is not None]
        there = {Entity.of(item) for item in items}
        gone = [entity for entity in self._store.present(kind, namespace) if entity not in there]
        self._add([*versions, *(self._deletion(entity) for entity in gone)])
        for item in items:
            self._see(item)
        if first:
            self._store.begin(kind, namespace, self._now())

    def changed(self, item: Manifest) -> None:
        """Take in one object that was created or updated."""
        if revision(item) < self.seen(Entity.of(item)):
            return
        version = self._version(item, first=False)
        self._add([version] if version is not None else [])
        self._see(item)

    def deleted(self, entity: Entity) -> None:
        """Take in that an object is gone."""
        latest = self._store.latest(entity)
        if latest is not None and latest.state is not None:
            self._add([self._deletion(entity)])

    def _version(self, item: Manifest, *, first: bool) -> Version | None:
        """The new version of an object; None where its desired state is the one that is known, or nobody's own."""
        if not is_followed(item):
            return None
        entity, state = Entity.of(item), kept(item)
        known = self._store.latest(entity)
        if known is not None and known.state == state:
            return None
        write = last_write(item)
        actor = write.actor if write else ""
        if known is None or known.state is None:
            verb = BASELINE if first else "created"
            at = created_at(item) if verb == "created" else write.at if write else created_at(item)
            return Version(entity, self._now() if at is None else at, verb, actor, state)
        own = write if write is not None and not self._is_older(write, known) else None
        at = own.at if own is not None else self._now()
        fields = tuple(differences(known.state, state))
        return Version(entity, max(at, known.at), "updated", own.actor if own else "", state, fields)

    def unsigned(self, item: Manifest) -> bool:
        """Was an object changed by somebody whom its managed fields do not name? Then its time is that of now."""
        known, write = self._store.latest(Entity.of(item)), last_write(item)
        changed = known is not None and known.state is not None and known.state != kept(item)
        return changed and known is not None and (write is None or self._is_older(write, known))

    def _is_older(self, write: Write, known: Version) -> bool:
        """Is the newest entry of the managed fields of a write before this one? Who only takes fields away has none,
        nor has a writer that keeps no managed fields. Times are whole seconds: of two writes in one, both are new."""
        return write.at <= int(known.at) and self._now() - write.at > SAME_WRITE

    def _deletion(self, entity: Entity) -> Version:
        self._seen.pop(entity, None)
        return Version(entity, self._now(), "deleted", "", None)

    def _see(self, item: Manifest) -> None:
        entity = Entity.of(item)
        self._seen[entity] = max(revision(item), self.seen(entity))

    def _add(self, versions: list[Version]) -> None:
        self._store.add(versions)
        self._until_tidy -= len(versions)
        if self._until_tidy <= 0:
            self._store.forget(self._now() - RETENTION_SECONDS, MOST_VERSIONS)
            self._until_tidy = TIDY_EVERY


def revision(item: Manifest) -> int:
    """The resource version as a number, by which versions of one kind can be put in order."""
    text = str(item["metadata"].get("resourceVersion", ""))
    return int(text) if text.isdecimal() else 0
