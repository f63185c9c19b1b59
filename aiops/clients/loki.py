"""Loki's query API: lines by LogQL, series made of lines, labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import httpx2
import numpy as np

from aiops.clients.transport import HttpService, ReadClient, Retry
from aiops.core.errors import InvalidInputError, ServiceError
from aiops.core.telemetry import Series

NANO = 1_000_000_000
TENANT = "X-Scope-OrgID"
BAD_QUERY = 400


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line with the labels of its stream and those that the query read out of it. `text` is untrusted."""

    time: float
    labels: dict[str, str]
    text: str


class LokiClient(ReadClient):
    """Reads logs. Times are unix seconds here, nanoseconds on the wire. A query that Loki refuses raises
    `InvalidInputError`."""

    service = "Loki"

    def __init__(self, http: HttpService) -> None:
        super().__init__(http)
        self._headers: httpx2.Headers | None = None

    @classmethod
    def of_tenant(
        cls,
        url: str,
        tenant: str | None,
        *,
        token: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        retry: Retry | None = None,
    ) -> Self:
        """As `at`; `tenant` is sent where a Loki holds the logs of several."""
        made = cls.at(url, token=token, transport=transport, retry=retry)
        if tenant:
            made._headers = httpx2.Headers({TENANT: tenant})
        return made

    async def lines(
        self, logql: str, start: float, end: float, *, limit: int = 1000, newest: bool = True
    ) -> list[LabelledLine]:
        """Up to `limit` lines from `start` on and before `end`, the newest (else the oldest) of them, by time."""
        params = {**_range(logql, start, end), "limit": str(limit), "direction": "backward" if newest else "forward"}
        data = await self._data("/loki/api/v1/query_range", params)
        kind = data.get("resultType") if isinstance(data, dict) else None
        if kind != "streams":
            raise InvalidInputError(f"{self._http.name}: {logql!r} gives a {kind}, which is no lines")
        with self._http.readable("/loki/api/v1/query_range"):
            found = [
                LabelledLine(int(entry[0]) / NANO, dict(stream["stream"]), str(entry[1]))
                for stream in data["result"]
                for entry in stream["values"]
            ]
        return sorted(found, key=lambda line: line.time)

    async def series(self, logql: str, start: float, end: float, step: float) -> list[Series]:
        """The values of a metric query every `step` seconds from `start` to `end`, both included."""
        data = await self._data("/loki/api/v1/query_range", {**_range(logql, start, end), "step": f"{step:g}"})
        kind = data.get("resultType") if isinstance(data, dict) else None
        if kind != "matrix":
            raise InvalidInputError(f"{self._http.name}: {logql!r} gives {kind}, which is no series")
        with self._http.readable("/loki/api/v1/query_range"):
            return [_series(item["metric"], item["values"]) for item in data["result"]]

    async def labels(self, start: float, end: float) -> list[str]:
        """The names of labels that streams have between two moments."""
        return sorted(await self._data("/loki/api/v1/labels", _range("", start, end)) or [])

    async def label_values(self, name: str, start: float, end: float) -> list[str]:
        return sorted(await self._data(f"/loki/api/v1/label/{name}/values", _range("", start, end)) or [])

    async def _data(self, path: str, params: dict[str, str]) -> Any:
        try:
            body = await self._http.get_json(path, params, self._headers)
        except ServiceError as error:
            if error.status == BAD_QUERY and "query" in params:
                raise InvalidInputError(f"{error} (query: {params['query']})") from error
            raise
        if not isinstance(body, dict) or body.get("status") != "success":
            raise ServiceError(f"{self._http.name}: the answer to {path} has no data", 200)
        return body.get("data")


def _range(logql: str, start: float, end: float) -> dict[str, str]:
    bounds = {"start": str(round(start * 1e6) * 1000), "end": str(round(end * 1e6) * 1000)}
    return {"query": logql, **bounds} if logql else bounds


def _series(labels: dict[str, str], values: list[list[Any]]) -> Series:
    pairs = [(float(time), float(value)) for time, value in values]
    array = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return Series(dict(labels), array[:, 0], array[:, 1])
