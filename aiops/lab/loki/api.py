"""Loki's HTTP API for reading, over the logs of the lab's containers.

Lines are kept for six hours, as `aiops.lab.logs.book` says; what a container wrote before is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from aiops.core.errors import InvalidInputError
from aiops.lab.forms import asked_of
from aiops.lab.loki.detected import detected_fields, detected_labels, detected_values
from aiops.lab.loki.encoding import CATEGORIZED, categorized_data, instant_data, matrix_data, statistics, streams_data
from aiops.lab.loki.engine import LogEngine
from aiops.lab.loki.logql.ast import LogQuery, Matcher
from aiops.lab.loki.logql.parser import parse, parse_selector
from aiops.lab.loki.logql.text import text_of
from aiops.lab.loki.parameters import Parameters
from aiops.lab.loki.sizes import size_of
from aiops.lab.loki.source import LogSource
from aiops.lab.loki.tail import Tail
from aiops.lab.loki.volume import Volumes

_FLAGS = "x-loki-response-encoding-flags"
_SERIES_SINCE = 6 * 3600.0
_INSTANT_OF_LOGS = (
    "log queries are not supported as an instant query type, please change your query to a range query type"
)

Handler = Callable[[Parameters, Request], Any]


def loki_app(source: LogSource, now: Callable[[], float]) -> Starlette:
    """The API over a source of lines; `now` gives the present moment in unix seconds."""
    api = _Api(source)
    base = "/loki/api/v1"

    def route(path: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                asked = Parameters(tuple(await asked_of(request)), now())
                return _json(handler(asked, request))
            except InvalidInputError as error:
                return PlainTextResponse(f"{error}\n", 400)

        return Route(path, endpoint, methods=["GET", "POST"])

    return Starlette(
        routes=[
            route(f"{base}/query", api.query),
            route(f"{base}/query_range", api.query_range),
            route(f"{base}/labels", api.labels),
            route(f"{base}/label", api.labels),
            route(f"{base}/label/{{name}}/values", api.label_values),
            route(f"{base}/series", api.series),
            route(f"{base}/index/stats", api.index_stats),
            route(f"{base}/index/volume", api.volume),
            route(f"{base}/index/volume_range", api.volume_range),
            route(f"{base}/detected_fields", api.detected_fields),
            route(f"{base}/detected_field/{{name}}/values", api.detected_values),
            route(f"{base}/detected_labels", api.detected_labels),
            route(f"{base}/format_query", api.format_query),
            WebSocketRoute(f"{base}/tail", Tail(source, now).handle),
            route(f"{base}/status/buildinfo", api.buildinfo),
            Route("/ready", _ready),
        ]
    )


class _Api:
    def __init__(self, source: LogSource) -> None:
        self._source = source

    def query_range(self, asked: Parameters, request: Request) -> Any:
        query, engine = parse(asked.query()), LogEngine(self._source)
        start, end = asked.bounds()
        if isinstance(query, LogQuery):
            found = engine.lines(query, start, end, asked.limit(), backward=asked.backward())
            if CATEGORIZED in request.headers.get(_FLAGS, ""):
                return _success(categorized_data(found, statistics(engine.seen), newest_first=asked.backward()))
            return _success(streams_data(found, statistics(engine.seen)))
        steps = asked.steps(start, end)
        return _success(matrix_data(engine.metric(query, steps), steps, statistics(engine.seen)))

    def query(self, asked: Parameters, _: Request) -> Any:
        query, engine = parse(asked.query()), LogEngine(self._source)
        if isinstance(query, LogQuery):
            raise InvalidInputError(_INSTANT_OF_LOGS)
        steps = np.array([asked.time("time", asked.now)])
        return _success(instant_data(engine.metric(query, steps), float(steps[0]), statistics(engine.seen)))

    def labels(self, asked: Parameters, _: Request) -> Any:
        return _success(sorted({name for labels in self._written(asked) for name in labels}))

    def label_values(self, asked: Parameters, request: Request) -> Any:
        name = request.path_params["name"]
        return _success(sorted({labels[name] for labels in self._written(asked) if labels.get(name)}))

    def series(self, asked: Parameters, _: Request) -> Any:
        start, end = asked.bounds(_SERIES_SINCE)
        selectors = asked.all("match[]") or asked.all("match") or ['{namespace=~".+"}']
        index = LogEngine(self._source).index
        found: dict[tuple[str, ...], dict[str, str]] = {}
        for selector in selectors:
            for stream in index.written_between(parse_selector(selector), start, end):
                found[tuple(stream.labels.values())] = stream.labels
        return _success([found[key] for key in sorted(found)])

    def index_stats(self, asked: Parameters, _: Request) -> Any:
        start, end = asked.bounds()
        index = LogEngine(self._source).index
        streams = index.written_between(parse_selector(asked.query()), start, end)
        sizes = [size_of(index, stream, start, end) for stream in streams]
        return {
            "streams": len(streams),
            "chunks": len(streams) * max(round((end - start) / 3600), 1),
            "bytes": sum(size.bytes(len(size.times)) for size in sizes),
            "entries": sum(len(size.times) for size in sizes),
        }

    def volume(self, asked: Parameters, _: Request) -> Any:
        return _success(Volumes(LogEngine(self._source).index, asked).instant())

    def volume_range(self, asked: Parameters, _: Request) -> Any:
        volumes = Volumes(LogEngine(self._source).index, asked)
        return _success(volumes.ranged(asked.steps(*asked.bounds())))

    def detected_fields(self, asked: Parameters, _: Request) -> Any:
        return detected_fields(LogEngine(self._source), asked)

    def detected_values(self, asked: Parameters, request: Request) -> Any:
        return detected_values(LogEngine(self._source), asked, request.path_params["name"])

    def detected_labels(self, asked: Parameters, _: Request) -> Any:
        return detected_labels(LogEngine(self._source).index, asked)

    def format_query(self, asked: Parameters, _: Request) -> Any:
        return _success(text_of(parse(asked.query())).strip())

    def buildinfo(self, _: Parameters, __: Request) -> Any:
        return {"version": "3.1.0", "revision": "", "branch": "HEAD", "buildUser": "", "buildDate": "", "goVersion": ""}

    def _written(self, asked: Parameters) -> list[dict[str, str]]:
        start, end = asked.bounds(_SERIES_SINCE)
        text = asked.first("query")
        matchers: tuple[Matcher, ...] = parse_selector(text) if text else ()
        return [stream.labels for stream in LogEngine(self._source).index.written_between(matchers, start, end)]


async def _ready(_: Request) -> Response:
    return PlainTextResponse("ready\n")


def _success(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
