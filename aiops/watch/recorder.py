"""The change recorder: who changed what, and when. Kubernetes itself keeps no history of most objects."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from aiops.analysis.changes.watched import SYSTEM_KINDS, WATCHED_KINDS
from aiops.clients.answers import Answers
from aiops.clients.kinds import RESOURCES
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change, ChangeHistory
from aiops.core.clock import Clock
from aiops.core.entity import Entity, Manifest
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.watch.follower import Follower, reason
from aiops.watch.ledger import Ledger
from aiops.watch.versions import VersionStore

PATIENCE = 2.0
"""Wall seconds that a watch may lag behind a list."""


@dataclass(frozen=True, slots=True)
class Health:
    """`since`: from when on the history is complete (unix seconds), None before everything was listed once.

    `failing` says which kinds cannot be followed right now and why; `denied` which ones we may not see.
    """

    since: float | None
    failing: tuple[str, ...]
    denied: tuple[str, ...]


class ChangeRecorder:
    """Implements `ChangeHistory`. Between `start` and `stop` it watches; what it has seen outlives the process.

    A gap in which nobody watched shows as its net change, at the time of the last write.
    """

    def __init__(self, kube: KubernetesClient, clock: Clock, path: Path, namespaces: tuple[str, ...] = ()) -> None:
        self._clock = clock
        self._store = VersionStore(path)
        ledger = Ledger(self._store, clock.now)
        self._followers = [Follower(kube, clock, ledger, kind, namespace) for kind, namespace in watched(namespaces)]
        self._tasks: list[asyncio.Task[None]] = []
        self._syncing = asyncio.Lock()
        self._behind: tuple[str, ...] = ()
        self._begun = self._completed = 0

    async def start(self) -> None:
        """Begin to watch. Returns once every kind was listed, or could not be; those are tried again."""
        self._tasks = [asyncio.create_task(one.run(), name=f"watch {one.kind}") for one in self._followers]
        for follower in self._followers:
            await follower.settled.wait()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        self._store.close()

    def health(self) -> Health:
        since = [self._store.since(one.kind, one.namespace) for one in self._followers if one.denied is None]
        known = [moment for moment in since if moment is not None]
        return Health(
            since=max(known) if known and len(known) == len(since) else None,
            failing=tuple(f"{one.kind}: {one.failure}" for one in self._followers if one.failure),
            denied=tuple(f"{one.kind}: {one.denied}" for one in self._followers if one.denied),
        )

    def problems(self) -> tuple[str, ...]:
        failing = self.health().failing or self._behind
        if not failing:
            return ()
        return (f"{len(failing)} of {len(self._followers)} kinds cannot be watched now; {failing[0]}",)

    async def sync(self) -> None:
        """Make the history complete up to now. What the API server does not answer is left as it is known.

        Callers that wait are served together, by one that began after they called."""
        before = self._begun
        async with self._syncing:
            if self._completed > before:
                return
            self._begun = number = self._begun + 1
            failures = await asyncio.gather(*map(self._catch_up, self._followers))
            self._behind = tuple(failure for failure in failures if failure)
            self._completed = number

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        await self.sync()
        return self.known_changes(start, end, namespaces)

    def known_changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        """Like `changes`, as of the last `sync` at least."""
        return self._store.changes(start, end, namespaces)

    def reading_once(self) -> ChangeHistory:
        return _OneLook(self)

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        version = self._store.before(entity, moment)
        return None if version is None else version.state

    async def watched_since(self) -> float:
        since = self.health().since
        return self._clock.now() if since is None else since

    async def _catch_up(self, follower: Follower) -> str | None:
        try:
            await follower.catch_up(PATIENCE)
        except Exception as error:  # noqa: BLE001 - the history of the other kinds stays of use
            return f"{follower.kind}: {reason(error)}"
        return None


class _OneLook:
    """Implements `ChangeHistory` on a recorder that catches up with the API server once."""

    def __init__(self, recorder: ChangeRecorder) -> None:
        self._recorder = recorder
        self._synced: Answers[None] = Answers()

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        await self._synced.of("sync", self._recorder.sync)
        return self._recorder.known_changes(start, end, namespaces)

    async def version_before(self, entity: Entity, moment: float) -> Manifest | None:
        return await self._recorder.version_before(entity, moment)

    async def watched_since(self) -> float:
        return await self._recorder.watched_since()

    def reading_once(self) -> ChangeHistory:
        return self

    def problems(self) -> tuple[str, ...]:
        return self._recorder.problems()


def watched(namespaces: tuple[str, ...]) -> list[tuple[str, str]]:
    """(kind, namespace) of every watch; `namespaces` are those that may be looked at, none: all."""
    found = [
        (kind, namespace)
        for kind in WATCHED_KINDS
        for namespace in (namespaces if namespaces and RESOURCES[kind].namespaced else ("",))
    ]
    if namespaces and SYSTEM_NAMESPACE not in namespaces:
        found += [(kind, SYSTEM_NAMESPACE) for kind in SYSTEM_KINDS]
    return found
