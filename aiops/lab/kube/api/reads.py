"""Answers to get, list and watch, as objects or as tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.api import verbs
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer
from aiops.lab.kube.discovery.tables import table
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.kube.storage.watch import WatchOptions, watch

DEFAULT_WATCH_SECONDS = 1800.0


def answer(store: ObjectStore, call: Call, request: Request) -> Response:
    """Answer a get, list or watch. Raises 400, 404, 410."""
    wanted = request.headers.get("accept", "")
    if call.info.verb == "watch":
        return _watch(store, call, wanted)
    if call.info.verb == "get":
        found = verbs.read(store, call)
        if "as=Table" in wanted:
            return json_answer(_table(store, call, [found], found["metadata"]["resourceVersion"]))
        return json_answer(found)
    items, metadata = verbs.list_objects(store, call)
    if "as=Table" in wanted:
        shown = _table(store, call, items, metadata["resourceVersion"])
        return json_answer({**shown, "metadata": metadata})
    return json_answer(list_of(call.resource, items, metadata))


def list_of(resource: Resource, items: list[Manifest], metadata: dict[str, Any]) -> Manifest:
    """A list; as from the real server its items don't repeat kind and apiVersion."""
    bare = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata, "items": bare}


def _table(store: ObjectStore, call: Call, items: list[Manifest], revision: str) -> Manifest:
    whole = call.query.get("includeObject") == "Object"
    return table(call.resource, items, store.now(), whole=whole, revision=revision)


def _watch(store: ObjectStore, call: Call, wanted: str) -> Response:
    revision = call.query.get("resourceVersion", "")
    timeout = call.query.get("timeoutSeconds", "")
    if not (revision.isdecimal() or not revision) or not (timeout.isdecimal() or not timeout):
        raise errors.bad_request("resourceVersion and timeoutSeconds must be numbers")
    options = WatchOptions(
        resource=call.resource,
        namespace=call.info.namespace if call.resource.namespaced else "",
        matches=verbs.predicate(call),
        revision=int(revision) if int(revision or 0) else None,
        timeout=float(timeout) if int(timeout or 0) else DEFAULT_WATCH_SECONDS,
        bookmarks=call.query.get("allowWatchBookmarks") in ("1", "true"),
        initial_events=call.query.get("sendInitialEvents") in ("1", "true"),
    )
    if options.revision is not None:
        store.history.since(options.revision)  # too old is an answer of its own, not an event
    return StreamingResponse(_lines(store, call, options, "as=Table" in wanted), media_type="application/json")


async def _lines(store: ObjectStore, call: Call, options: WatchOptions, tables: bool) -> AsyncIterator[bytes]:
    async for kind, item in watch(store, options):
        shown = item
        if tables and kind in ("ADDED", "MODIFIED", "DELETED"):
            shown = _table(store, call, [item], item["metadata"]["resourceVersion"])
        yield orjson.dumps({"type": kind, "object": shown}) + b"\n"
