"""A Prometheus HTTP API (version 1): PromQL, rules, alerts, metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2
import numpy as np

from aiops.clients.transport import ReadClient
from aiops.core.errors import InvalidInputError, ServiceError
from aiops.core.telemetry import Series

LONGEST_URL = 2000
"""Characters of a query string; a longer query goes into the body of a POST."""

BAD_QUERY = (400, 422)


class PrometheusClient(ReadClient):
    """Reads metrics. Times are unix seconds. A query that Prometheus refuses raises `InvalidInputError`."""

    service = "Prometheus"

    async def query(self, promql: str, at: float | None = None) -> list[Series]:
        """The value of an expression at one moment, else at the server's present: series of one point each; a scalar
        has no labels."""
        moment = {} if at is None else {"time": _number(at)}
        data = await self._ask("/api/v1/query", {"query": promql, **moment})
        kind, result = data.get("resultType"), data.get("result")
        with self._http.readable("/api/v1/query"):
            if kind == "scalar":
                return [_series({}, [result])]
            if kind == "vector":
                return [_series(item["metric"], [item["value"]]) for item in result]
            if kind == "matrix":
                return [_series(item["metric"], item["values"]) for item in result]
        raise InvalidInputError(f"{self._http.name}: {promql!r} gives a {kind}, which is no series")

    async def query_range(self, promql: str, start: float, end: float, step: float) -> list[Series]:
        """The values of an expression every `step` seconds from `start` to `end`, both included."""
        params = {"query": promql, "start": _number(start), "end": _number(end), "step": _number(step)}
        data = await self._ask("/api/v1/query_range", params)
        with self._http.readable("/api/v1/query_range"):
            return [_series(item["metric"], item["values"]) for item in data["result"]]

    async def rules(self) -> list[dict[str, Any]]:
        """Every rule with its state, as Prometheus writes it, with the name of its group under `group`."""
        data = await self._ask("/api/v1/rules", {})
        return [{**rule, "group": group["name"]} for group in data["groups"] for rule in group["rules"]]

    async def alerts(self) -> list[dict[str, Any]]:
        """Every pending or firing alert, as Prometheus writes it."""
        data = await self._ask("/api/v1/alerts", {})
        with self._http.readable("/api/v1/alerts"):
            return list(data["alerts"])

    async def metadata(self, metric: str = "") -> dict[str, list[dict[str, str]]]:
        """Type, help and unit by metric name."""
        found: dict[str, list[dict[str, str]]] = await self._ask(
            "/api/v1/metadata", {"metric": metric} if metric else {}
        )
        return found

    async def _ask(self, path: str, params: Mapping[str, str]) -> Any:
        try:
            response = await self._send(path, params)
        except ServiceError as error:
            if error.status in BAD_QUERY and "query" in params:
                raise InvalidInputError(f"{error} (query: {params['query']})") from error
            raise
        body = self._http.decoded(response)
        if not isinstance(body, dict) or body.get("status") != "success" or "data" not in body:
            raise ServiceError(f"{self._http.name}: the answer to {path} has no data", response.status_code)
        return body["data"]

    async def _send(self, path: str, params: Mapping[str, str]) -> httpx2.Response:
        encoded = urlencode(params)
        if len(encoded) <= LONGEST_URL:
            return await self._http.get(path, params)
        headers = httpx2.Headers({"Content-Type": "application/x-www-form-urlencoded"})
        return await self._http.send("POST", path, content=encoded.encode(), headers=headers)


def _series(labels: dict[str, str], points: list[list[Any]]) -> Series:
    """`points` are [unix seconds, text]; the text may be NaN, +Inf or -Inf."""
    times = np.array([point[0] for point in points], dtype=np.float64)
    values = np.array([float(point[1]) for point in points], dtype=np.float64)
    return Series(labels=dict(labels), times=times, values=values)


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
