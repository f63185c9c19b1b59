"""Watches: the stream of writes from a revision on, filtered as a list would be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from aiops.core.clock import Stopwatch, pause
from aiops.core.entity import Manifest
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.selectors import Predicate
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

BOOKMARK_SECONDS = 60.0
AT_ONCE = 500
"""Writes that a watcher is given before others have their turn."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """`revision` None: the objects that there are come first, as ADDED. `timeout` is wall seconds."""

    resource: Resource
    namespace: str
    matches: Predicate
    revision: int | None
    timeout: float
    bookmarks: bool = False
    initial_events: bool = False


async def watch(store: ObjectStore, options: WatchOptions) -> AsyncIterator[tuple[str, Manifest]]:
    """(type, object) until the timeout. An error ends the stream as an event of type ERROR with a Status.

    A watcher reads the history at its own pace: one that is slow holds nobody up, and one that falls behind what the
    history keeps is ended with 410."""
    news = asyncio.Event()
    stop = store.history.subscribe(news.set)
    watch_for = Stopwatch()
    try:
        revision = store.revision if options.revision is None else options.revision
        if options.revision is None:
            for first in _initial(store, options):
                yield first
        while True:
            news.clear()
            behind = list(islice(store.history.since(revision), AT_ONCE))
            for write in behind:
                revision = write.revision
                if (event := _event(write, options)) is not None:
                    yield event
            left = options.timeout - watch_for.seconds()
            if left <= 0:
                return
            if behind:
                await pause(0)
            elif not await _heard(news, min(left, BOOKMARK_SECONDS)) and options.bookmarks:
                yield "BOOKMARK", bookmark(options.resource, revision)
    except ApiError as error:
        yield "ERROR", error.body()
    finally:
        stop()


def _initial(store: ObjectStore, options: WatchOptions) -> list[tuple[str, Manifest]]:
    found = [item for item in store.objects(options.resource.shelf, options.namespace) if options.matches(item)]
    events = [("ADDED", item) for item in found]
    if options.initial_events and options.bookmarks:
        events.append(("BOOKMARK", bookmark(options.resource, store.revision, end_of_list=True)))
    return events


def bookmark(resource: Resource, revision: int, *, end_of_list: bool = False) -> Manifest:
    """An object that carries nothing but a resourceVersion to go on from."""
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if end_of_list:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    return {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}


def _event(write: Write, options: WatchOptions) -> tuple[str, Manifest] | None:
    """What a watcher sees of a write: an object that starts or stops to match is added or deleted for it. One that
    stops is shown as it last matched, at the revision of the write."""
    if write.kind != options.resource.shelf:
        return None
    if options.namespace and write.new["metadata"].get("namespace") != options.namespace:
        return None
    before = write.old is not None and options.matches(write.old)
    if write.type != "DELETED" and options.matches(write.new):
        return ("MODIFIED" if before else "ADDED"), write.new
    if not before or write.old is None:
        return None
    if write.type == "DELETED":
        return "DELETED", write.new
    last = {**write.old["metadata"], "resourceVersion": write.new["metadata"]["resourceVersion"]}
    return "DELETED", {**write.old, "metadata": last}


async def _heard(news: asyncio.Event, timeout: float) -> bool:
    try:
        await asyncio.wait_for(news.wait(), timeout)
    except TimeoutError:
        return False
    return True
