"""Jaeger's query API over HTTP: `/api/...`, and `/api/v3/...` in OTLP."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aiops.core.errors import InvalidInputError
from aiops.lab.jaeger.query import TraceQuery, parse_duration, tags_of
from aiops.lab.jaeger.store import Trace, TraceStore
from aiops.lab.jaeger.v3 import v3_routes
from aiops.lab.jaeger.views import encoded

_DEFAULT_LIMIT, _MAX_LIMIT = 100, 1500
_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")


def jaeger_app(traces: TraceStore, now: Callable[[], float]) -> Starlette:
    """The API over a store of traces; `now` tells the moment up to which traces have ended."""
    api = _Api(traces, now)
    return Starlette(
        routes=[
            Route("/api/services", api.services),
            Route("/api/services/{service}/operations", api.operations_of),
            Route("/api/operations", api.operations),
            Route("/api/traces", api.search),
            Route("/api/traces/{trace_id}", api.trace),
            Route("/api/dependencies", api.dependencies),
            *v3_routes(traces, now),
        ]
    )


class _Api:
    def __init__(self, traces: TraceStore, now: Callable[[], float]) -> None:
        self._traces = traces
        self._now = now

    async def services(self, _: Request) -> Response:
        found = {span.service for trace in self._known() for span in trace.spans}
        return _answer(sorted(found))

    async def operations_of(self, request: Request) -> Response:
        service = request.path_params["service"]
        found = {span.operation for trace in self._known() for span in trace.spans if span.service == service}
        return _answer(sorted(found))

    async def operations(self, request: Request) -> Response:
        service = request.query_params.get("service", "")
        if not service:
            return _error(400, "parameter 'service' is required")
        kind = request.query_params.get("spanKind", "")
        found = {
            (span.operation, span.place.kind)
            for trace in self._known()
            for span in trace.spans
            if span.service == service and kind in ("", span.place.kind)
        }
        return _answer([{"name": name, "spanKind": kind} for name, kind in sorted(found)])

    async def search(self, request: Request) -> Response:
        ids = request.query_params.getlist("traceID")
        if ids:
            odd = next((wanted for wanted in ids if not _TRACE_ID.fullmatch(wanted)), None)
            if odd is not None:
                return _error(400, f"cannot parse trace ID {odd!r}: not hexadecimal")
            kept = [trace for trace in map(self._traces.find, ids) if trace is not None]
            found = [trace for trace in kept if trace.reported <= self._now()]
            return _answer([encoded(trace) for trace in found])
        try:
            query, limit = _read_query(request)
        except InvalidInputError as error:
            return _error(400, str(error))
        matching = (trace for trace in self._known() if query.matches(trace))
        return _answer([encoded(trace) for trace in islice(matching, limit)])

    async def trace(self, request: Request) -> Response:
        wanted = request.path_params["trace_id"]
        if not _TRACE_ID.fullmatch(wanted):
            return _error(400, f"cannot parse trace ID {wanted!r}: not hexadecimal")
        found = self._traces.find(wanted)
        if found is None or found.reported > self._now():
            return _error(404, "trace not found")
        return _answer([encoded(found)])

    async def dependencies(self, request: Request) -> Response:
        try:
            end = _number(request, "endTs", self._now() * 1000) / 1000
            start = end - _number(request, "lookback", 86400_000) / 1000
        except InvalidInputError as error:
            return _error(400, str(error))
        counts: Counter[tuple[str, str]] = Counter()
        for trace in self._known():
            if start <= trace.start <= end:
                owners = {span.span_id: span.service for span in trace.spans}  # links are no calls, as in Jaeger
                calls = [(owners.get(span.parent, ""), span.service) for span in trace.spans]
                counts.update((caller, callee) for caller, callee in calls if caller and caller != callee)
        return _answer([{"parent": a, "child": b, "callCount": n} for (a, b), n in sorted(counts.items())])

    def _known(self) -> Iterator[Trace]:
        return self._traces.newest(self._now())


def _read_query(request: Request) -> tuple[TraceQuery, int]:
    asked = request.query_params
    if not asked.get("service"):
        raise InvalidInputError("parameter 'service' is required")
    shortest = parse_duration(asked["minDuration"]) if asked.get("minDuration") else None
    longest = parse_duration(asked["maxDuration"]) if asked.get("maxDuration") else None
    if shortest is not None and longest is not None and longest < shortest:
        raise InvalidInputError("'maxDuration' should be greater than 'minDuration'")
    query = TraceQuery(
        service=asked["service"],
        operation=asked.get("operation", ""),
        start=_start(request),
        end=_number(request, "end", float("inf")) / 1e6,
        shortest=shortest,
        longest=longest,
        tags=tuple(sorted(_tags(request).items())),
    )
    return query, int(min(max(_number(request, "limit", _DEFAULT_LIMIT), 1), _MAX_LIMIT))


def _tags(request: Request) -> dict[str, str]:
    """From JSON objects in `tags` and from `tag=NAME:VALUE`."""
    tags: dict[str, str] = {}
    for text in filter(None, request.query_params.getlist("tags")):
        tags |= tags_of(text, "malformed 'tags' parameter, expecting a JSON object of strings")
    for tag in filter(None, request.query_params.getlist("tag")):
        name, colon, value = tag.partition(":")
        if not colon:
            raise InvalidInputError(f"malformed 'tag' parameter, expecting key:value, received: {tag}")
        tags[name] = value
    return tags


def _start(request: Request) -> float:
    """`start`, or what `lookback` (`1h`, `2d`) says of it where only the end is known."""
    lookback = request.query_params.get("lookback", "")
    if request.query_params.get("start") or not request.query_params.get("end") or lookback in ("", "custom"):
        return _number(request, "start", 0.0) / 1e6
    days = lookback.removesuffix("d")
    seconds = float(days) * 86400 if lookback.endswith("d") and days.isdecimal() else parse_duration(lookback)
    return _number(request, "end", 0.0) / 1e6 - seconds


def _number(request: Request, name: str, default: float) -> float:
    text = request.query_params.get(name)
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise InvalidInputError(f"parameter {name!r} is not a whole number: {text!r}")
    return float(text)


def _answer(data: list[Any]) -> Response:
    return _json({"data": data, "total": len(data), "limit": 0, "offset": 0, "errors": None}, 200)


def _error(status: int, message: str) -> Response:
    errors = [{"code": status, "msg": message}]
    return _json({"data": None, "total": 0, "limit": 0, "offset": 0, "errors": errors}, status)


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
