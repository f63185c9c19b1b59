"""Jaeger's API v3: services, operations and traces, the latter as OTLP JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.lab.jaeger.otlp import traces_data
from aiops.lab.jaeger.query import TraceQuery, parse_duration, tags_of
from aiops.lab.jaeger.store import TraceStore

_DEFAULT_LIMIT, _MAX_LIMIT = 100, 1500
_LIMIT = re.compile(r"[0-9]{1,18}")
_ODD_ATTRIBUTES = "malformed parameter query.attributes: no JSON object of strings"


def v3_routes(traces: TraceStore, now: Callable[[], float]) -> list[Route]:
    """Its routes over a store of traces; `now` tells the moment up to which traces have ended."""
    api = _Api(traces, now)
    return [
        Route("/api/v3/services", api.services),
        Route("/api/v3/operations", api.operations),
        Route("/api/v3/traces", api.search),
        Route("/api/v3/traces/{trace_id}", api.trace),
    ]


class _Api:
    def __init__(self, traces: TraceStore, now: Callable[[], float]) -> None:
        self._traces = traces
        self._now = now

    async def services(self, _: Request) -> Response:
        found = {span.service for trace in self._traces.newest(self._now()) for span in trace.spans}
        return _json({"services": sorted(found)})

    async def operations(self, request: Request) -> Response:
        service, kind = request.query_params.get("service", ""), request.query_params.get("span_kind", "")
        if not service:
            return _error(400, "missing parameter service")
        found = {
            (span.operation, span.place.kind)
            for trace in self._traces.newest(self._now())
            for span in trace.spans
            if span.service == service and kind in ("", span.place.kind)
        }
        return _json({"operations": [{"name": name, "spanKind": kind} for name, kind in sorted(found)]})

    async def search(self, request: Request) -> Response:
        try:
            query, limit = _read(request)
        except InvalidInputError as error:
            return _error(400, str(error))
        found = (trace for trace in self._traces.newest(self._now()) if query.matches(trace))
        return _json({"result": traces_data(islice(found, limit))})

    async def trace(self, request: Request) -> Response:
        found = self._traces.find(request.path_params["trace_id"])
        if found is None or found.reported > self._now():
            return _error(404, "trace not found")
        return _json({"result": traces_data([found])})


def _read(request: Request) -> tuple[TraceQuery, int]:
    asked = request.query_params
    for name in ("query.service_name", "query.start_time_min", "query.start_time_max"):
        if not asked.get(name):
            raise InvalidInputError(f"missing parameter {name}")
    limit = asked.get("query.num_traces") or asked.get("query.search_depth") or str(_DEFAULT_LIMIT)
    if not _LIMIT.fullmatch(limit):
        raise InvalidInputError(f"malformed parameter query.num_traces: {limit!r}")
    query = TraceQuery(
        service=asked["query.service_name"],
        operation=asked.get("query.operation_name", ""),
        start=_time(request, "query.start_time_min"),
        end=_time(request, "query.start_time_max"),
        shortest=_duration(request, "query.duration_min"),
        longest=_duration(request, "query.duration_max"),
        tags=tuple(sorted(tags_of(asked.get("query.attributes") or "{}", _ODD_ATTRIBUTES).items())),
    )
    return query, min(max(int(limit), 1), _MAX_LIMIT)


def _time(request: Request, name: str) -> float:
    try:
        return from_rfc3339(request.query_params[name])
    except InvalidInputError as error:
        raise InvalidInputError(f"malformed parameter {name}: {error}") from error


def _duration(request: Request, name: str) -> float | None:
    text = request.query_params.get(name, "")
    try:
        return parse_duration(text) if text else None
    except InvalidInputError as error:
        raise InvalidInputError(f"malformed parameter {name}: {error}") from error


def _error(status: int, message: str) -> Response:
    return _json({"error": {"httpCode": status, "message": message}}, status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
