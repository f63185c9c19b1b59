"""Prometheus' HTTP API, version 1."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aiops.core.errors import InvalidInputError
from aiops.lab.prometheus.catalogue import Catalogue
from aiops.lab.prometheus.encoding import failure
from aiops.lab.prometheus.parameters import BadDataError, Parameters
from aiops.lab.prometheus.queries import Queries
from aiops.lab.prometheus.rule_engine import RuleEngine
from aiops.lab.prometheus.rule_views import RuleViews
from aiops.lab.prometheus.status import Status
from aiops.lab.prometheus.targets import Targets
from aiops.lab.promql import Engine, ParseError, QueryTimeoutError
from aiops.lab.tsdb import TimeSeriesStore

Handler = Callable[[Parameters], Response]


def prometheus_app(store: TimeSeriesStore, rules: RuleEngine, now: Callable[[], float]) -> Starlette:
    """The API over a store and its rules; `now` gives the present moment in unix seconds."""
    queries, catalogue = Queries(Engine(store), now), Catalogue(store, now)
    targets, status, views = Targets(store, rules.interval, now), Status(store, rules.interval, now), RuleViews(rules)
    asked: dict[str, Handler] = {
        "query": queries.query,
        "query_range": queries.query_range,
        "query_exemplars": queries.exemplars,
        "format_query": queries.format_query,
        "series": catalogue.series,
        "labels": catalogue.labels,
    }
    read: dict[str, Handler] = {
        "label/{name}/values": catalogue.label_values,
        "metadata": catalogue.metadata,
        "rules": views.rules,
        "alerts": views.alerts,
        "targets": targets.targets,
        "targets/metadata": targets.metadata,
        "alertmanagers": targets.alertmanagers,
        "status/buildinfo": status.buildinfo,
        "status/config": status.config,
        "status/flags": status.flags,
        "status/runtimeinfo": status.runtimeinfo,
        "status/tsdb": status.tsdb,
        "status/walreplay": status.walreplay,
    }
    return Starlette(
        routes=[
            *(_route(f"/api/v1/{path}", handler, ["GET", "POST"]) for path, handler in asked.items()),
            *(_route(f"/api/v1/{path}", handler, ["GET"]) for path, handler in read.items()),
            _route("/federate", catalogue.federate, ["GET"]),
            Route("/-/healthy", _plain("Prometheus Server is Healthy.\n")),
            Route("/-/ready", _plain("Prometheus Server is Ready.\n")),
        ]
    )


def _route(path: str, handler: Handler, methods: list[str]) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return handler(await Parameters.read(request))
        except (BadDataError, ParseError) as error:
            return failure(400, "bad_data", str(error))
        except QueryTimeoutError as error:
            return failure(503, "timeout", str(error))
        except InvalidInputError as error:
            return failure(422, "execution", str(error))

    return Route(path, endpoint, methods=methods)


def _plain(text: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_: Request) -> Response:
        return PlainTextResponse(text)

    return endpoint
