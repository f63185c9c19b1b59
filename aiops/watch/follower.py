"""Follows one kind in one namespace: list, then watch, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import Clock, Stopwatch, pause
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import AiopsError, DeniedError, NotFoundError, ServiceError
from aiops.watch.ledger import Ledger, revision

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Wall seconds before the next try after a failure; they double up to the longest."""

DENIED_WAIT = 300.0
"""Wall seconds before we ask again for what we have no right to see, or what the server does not have."""

GONE = 410


def reason(error: Exception) -> str:
    """What went wrong, for people; of an error that is not ours, its kind too."""
    return str(error) if isinstance(error, AiopsError) else f"{type(error).__name__}: {error}"


class Follower:
    """Keeps the ledger in step with one kind in one namespace (`""`: all of them).

    `failure` says why it does not, `denied` that it may not; `settled` is set once it has listed or failed.
    """

    def __init__(self, kube: KubernetesClient, clock: Clock, ledger: Ledger, kind: str, namespace: str) -> None:
        self.kind = kind
        self.namespace = namespace
        self.failure: str | None = None
        self.denied: str | None = None
        self.settled = asyncio.Event()
        self._kube = kube
        self._clock = clock
        self._ledger = ledger
        self._version = ""
        self._news = asyncio.Condition()

    async def run(self) -> None:
        """Never returns; ends by cancellation."""
        wait = FIRST_WAIT
        while True:
            try:
                await self._list()
                wait = FIRST_WAIT
                await self._follow()
            except (DeniedError, NotFoundError) as error:
                self.denied, self.failure = str(error), None
                self.settled.set()
                await pause(DENIED_WAIT)
            except Exception as error:  # noqa: BLE001 - nothing that a server or a disk does may end the watch unseen
                self.failure = reason(error)
                self.settled.set()
                await pause(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def catch_up(self, patience: float) -> None:
        """Make sure that everything that the server has now is in the ledger.

        The versions that there are are listed, without what they hold. The watch is given `patience` wall seconds to
        deliver them, since it also shows what lies in between; then the objects are listed and taken as they are. A
        kind that could not be listed before has its baseline from now on. Raises `RemoteError` or
        `ClusterUnreachableError` where that fails.
        """
        if self.denied is not None:
            return
        if self._ledger.begun(self.kind, self.namespace):
            heads = await self._kube.heads(self.kind, self.namespace)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience), self._news:
                    await self._news.wait_for(lambda: self._has(heads))
                return
        self._ledger.listed(self.kind, self.namespace, (await self._kube.listing(self.kind, self.namespace)).items)

    def _has(self, heads: Sequence[Manifest]) -> bool:
        there = {Entity.of(head): revision(head) for head in heads}
        known = self._ledger.present(self.kind, self.namespace)
        return all(self._ledger.seen(entity) >= number for entity, number in there.items()) and all(
            entity in there for entity in known
        )

    async def _list(self) -> None:
        listing = await self._kube.listing(self.kind, self.namespace)
        async with self._news:
            self._ledger.listed(self.kind, self.namespace, listing.items)
            self._news.notify_all()
        self._version = listing.resource_version
        self.failure = self.denied = None
        self.settled.set()

    async def _follow(self) -> None:
        """Watch from the version of the list on, until the server says that it is too old to go on from."""
        while True:
            open_for = Stopwatch()
            try:
                watch = self._kube.watch(self.kind, self.namespace, resource_version=self._version)
                async with aclosing(watch) as events:
                    async for verb, item in events:
                        await self._take(verb, item)
            except ServiceError as error:
                if error.status == GONE:
                    return
                raise
            if open_for.seconds() < FIRST_WAIT:
                await pause(FIRST_WAIT)  # a server that closes every watch at once must not be asked without end

    async def _take(self, verb: str, item: Manifest) -> None:
        self._version = str(item["metadata"]["resourceVersion"])
        if verb == "DELETED" or (verb == "MODIFIED" and self._ledger.unsigned(item)):
            await self._clock.sync()  # what carries no time has just happened
        async with self._news:
            if verb == "DELETED":
                self._ledger.deleted(Entity.of(item))
            elif verb != "BOOKMARK":
                self._ledger.changed(item)
            self._news.notify_all()
