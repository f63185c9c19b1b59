"""Answers to get, list and watch, as objects or as tables."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.api import verbs
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer
from aiops.lab.kube.api.lists import check_not_future, list_page, predicate
from aiops.lab.kube.api.options import list_options, version_problem
from aiops.lab.kube.api.shaping import Shape, shape_of
from aiops.lab.kube.discovery.components import component_statuses
from aiops.lab.kube.encoding.negotiation import TABLE
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.kube.storage.watch import WatchOptions, watch

DEFAULT_WATCH_SECONDS = 1800.0


def answer(store: ObjectStore, call: Call, request: Request) -> Response:
    """Answer a get, list or watch. Raises 400, 404, 406, 410."""
    shape = shape_of(call, request, store.catalog)
    if call.info.verb == "watch":
        return _watch(store, call, request, shape)
    if call.resource.kind == "ComponentStatus":
        return _components(call, shape, store.now())
    shown = store.shown.get(call.resource.shelf, _as_stored)
    if call.info.verb == "get":
        return json_answer(shape.one(shown(verbs.read(store, call)), store.now()))
    items, metadata = list_page(store, call, list_options(request.query_params))
    if call.resource.shelf in store.shown:
        items = [shown(item) for item in items]
    return json_answer(shape.many(items, store.now(), metadata))


def _as_stored(item: Manifest) -> Manifest:
    return item


def _components(call: Call, shape: Shape, now: float) -> Response:
    found = [each for each in component_statuses() if call.info.name in ("", each["metadata"]["name"])]
    if call.info.verb == "list":
        return json_answer(shape.many(found, now, {}))
    if not found:
        raise errors.not_found(call.resource, call.info.name)
    return json_answer(shape.one(found[0], now))


def _watch(store: ObjectStore, call: Call, request: Request, shape: Shape) -> Response:
    asked = list_options(request.query_params, watch=True)
    if wrong := version_problem(asked.version):
        raise errors.broken(wrong)
    revision = int(asked.version or 0)
    options = WatchOptions(
        resource=call.resource,
        namespace=call.info.namespace if call.resource.namespaced else "",
        matches=predicate(call, asked),
        revision=None if asked.initial_events or not revision else revision,
        timeout=float(asked.timeout or DEFAULT_WATCH_SECONDS),
        bookmarks=asked.bookmarks,
        initial_events=bool(asked.initial_events),
    )
    if not asked.initial_events:
        check_not_future(store, revision)
    return StreamingResponse(_lines(store, options, shape), media_type="application/json")


async def _lines(store: ObjectStore, options: WatchOptions, shape: Shape) -> AsyncIterator[bytes]:
    heading = True
    async for kind, item in watch(store, options):
        shown = item
        if kind in ("ADDED", "MODIFIED", "DELETED") or (kind == "BOOKMARK" and shape.form.kind != TABLE):
            shown = shape.one(item, store.now(), heading=heading)
            heading = False
        yield orjson.dumps({"type": kind, "object": shown}) + b"\n"
