"""Prometheus' HTTP API, version 1."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aiops.core.errors import InvalidInputError
from aiops.lab.prometheus.encoding import answer, failure, result_data
from aiops.lab.prometheus.metadata import metadata_of
from aiops.lab.prometheus.parameters import BadDataError, Parameters
from aiops.lab.prometheus.rule_engine import RuleEngine
from aiops.lab.prometheus.rule_views import alerts_data, rules_data
from aiops.lab.promql import Engine, ParseError, parse
from aiops.lab.promql.tree import Selector
from aiops.lab.tsdb import NAME, Labels, Matcher, TimeSeriesStore

Handler = Callable[[Parameters], Any]

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def prometheus_app(store: TimeSeriesStore, rules: RuleEngine, now: Callable[[], float]) -> Starlette:
    """The API over a store and its rules; `now` gives the present moment in unix seconds."""
    api = _Api(store, rules, now)
    return Starlette(
        routes=[
            _route("/api/v1/query", api.query),
            _route("/api/v1/query_range", api.query_range),
            _route("/api/v1/series", api.series),
            _route("/api/v1/labels", api.labels),
            _route("/api/v1/label/{name}/values", api.label_values),
            _route("/api/v1/metadata", api.metadata),
            _route("/api/v1/rules", api.rules),
            _route("/api/v1/alerts", api.alerts),
            _route("/api/v1/targets", api.targets),
            _route("/api/v1/status/buildinfo", api.buildinfo),
            Route("/-/healthy", _plain("Prometheus Server is Healthy.\n")),
            Route("/-/ready", _plain("Prometheus Server is Ready.\n")),
        ]
    )


def _route(path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            parameters = await Parameters.read(request)
            return answer(handler(parameters))
        except (BadDataError, ParseError) as error:
            return failure(400, "bad_data", str(error))
        except InvalidInputError as error:
            return failure(422, "execution", str(error))

    return Route(path, endpoint, methods=["GET", "POST"])


def _plain(text: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(_: Request) -> Response:
        return PlainTextResponse(text)

    return endpoint


class _Api:
    """Each method answers one path with the `data` of its reply."""

    def __init__(self, store: TimeSeriesStore, rules: RuleEngine, now: Callable[[], float]) -> None:
        self._store = store
        self._rules = rules
        self._now = now
        self._engine = Engine(store)

    def query(self, parameters: Parameters) -> Any:
        query = parameters.query()
        return result_data(self._engine.instant(query, parameters.time("time", self._now())))

    def query_range(self, parameters: Parameters) -> Any:
        query = parameters.query()
        start, end, step = parameters.range()
        return result_data(self._engine.range(query, start, end, step))

    def series(self, parameters: Parameters) -> Any:
        if not parameters.all("match[]"):
            raise BadDataError("no match[] parameter provided")
        return [dict(labels) for labels in self._label_sets(parameters)]

    def labels(self, parameters: Parameters) -> Any:
        return sorted({name for labels in self._label_sets(parameters) for name, _ in labels})

    def label_values(self, parameters: Parameters) -> Any:
        name = parameters.path["name"]
        if not _LABEL.fullmatch(name):
            raise BadDataError(f'invalid label name: "{name}"')
        return sorted({value for labels in self._label_sets(parameters) for own, value in labels if own == name})

    def metadata(self, parameters: Parameters) -> Any:
        now = self._now()
        names = {dict(labels)[NAME] for labels in self._store.labels((), now - 3600, now)}
        wanted = parameters.first("metric")
        found = metadata_of(names)
        return {name: entry for name, entry in found.items() if wanted in (None, "", name)}

    def rules(self, parameters: Parameters) -> Any:
        kind = parameters.first("type")
        if kind not in (None, "", "alert", "record"):
            raise BadDataError(f'not supported value "{kind}"')
        return rules_data(self._rules, with_alerts=kind != "record")

    def alerts(self, _: Parameters) -> Any:
        return alerts_data(self._rules)

    def targets(self, _: Parameters) -> Any:
        now = self._now()
        found = self._store.select((Matcher(NAME, "=", "up"),), now - 300, now)
        active = [_target(series.labels, float(series.values[-1])) for series in found]
        return {"activeTargets": active, "droppedTargets": []}

    def buildinfo(self, _: Parameters) -> Any:
        return {"version": "2.42.0", "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""}

    def _label_sets(self, parameters: Parameters) -> list[Labels]:
        now = self._now()
        start, end = parameters.time("start", 0.0), parameters.time("end", now)
        if end < start:
            raise BadDataError('invalid parameter "end": end timestamp must not be before start time')
        texts = parameters.all("match[]")
        selections = [_matchers(text) for text in texts] or [()]
        found = {labels for selection in selections for labels in self._store.labels(selection, start, end)}
        return sorted(found)


def _matchers(text: str) -> tuple[Matcher, ...]:
    node = parse(text)
    if not isinstance(node, Selector):
        raise BadDataError(f'invalid parameter "match[]": {text!r} is no series selector')
    return node.matchers


def _target(labels: dict[str, str], up: float) -> dict[str, Any]:
    own = {name: value for name, value in labels.items() if name != NAME}
    return {
        "discoveredLabels": {},
        "labels": own,
        "scrapePool": own.get("job", ""),
        "health": "up" if up == 1 else "down",
        "lastError": "" if up == 1 else "context deadline exceeded",
    }
