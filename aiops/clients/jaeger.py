"""Jaeger's query API: services, operations, traces, the call graph."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from aiops.clients.transport import ReadClient
from aiops.core.errors import NotFoundError, ServiceError
from aiops.core.telemetry import Span

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """An edge of the call graph, with how many calls were sampled."""

    parent: str
    child: str
    count: int


class JaegerClient(ReadClient):
    """Reads traces. Times and durations are in seconds here and in microseconds on the wire."""

    service = "Jaeger"

    async def services(self) -> list[str]:
        return sorted(await self._data("/api/services", {}) or [])

    async def operations(self, service: str) -> list[str]:
        found = await self._data("/api/operations", {"service": service}) or []
        return sorted(item["name"] if isinstance(item, dict) else item for item in found)

    async def traces(
        self,
        service: str,
        start: float,
        end: float,
        *,
        limit: int = 200,
        min_duration: float | None = None,
        tags: dict[str, str] | None = None,
        known: Collection[str] = (),
    ) -> list[Span]:
        """All spans of up to `limit` traces that went through `service`, by trace and start; without those of traces
        whose ids are `known`, which another service's traces brought along."""
        params: dict[str, str] = {
            "service": service,
            "start": str(round(start * MICRO)),
            "end": str(round(end * MICRO)),
            "limit": str(limit),
        }
        if min_duration is not None:
            params["minDuration"] = f"{round(min_duration * MICRO)}us"
        if tags:
            params["tags"] = json.dumps(tags)
        data = await self._data("/api/traces", params)
        with self._http.readable("/api/traces"):
            return _spans([trace for trace in data or [] if trace["traceID"] not in known])

    async def trace(self, trace_id: str) -> list[Span]:
        """The spans of one trace. Raises `NotFoundError`."""
        data = await self._data(f"/api/traces/{trace_id}", {})
        with self._http.readable("/api/traces"):
            spans = _spans(data)
        if not spans:
            raise NotFoundError(f"{self._http.name} has no trace {trace_id!r}")
        return spans

    async def dependencies(self, start: float, end: float) -> list[Call]:
        """Who calls whom between two moments, by parent and child."""
        params = {"endTs": str(round(end * 1000)), "lookback": str(round((end - start) * 1000))}
        found = await self._data("/api/dependencies", params) or []
        with self._http.readable("/api/dependencies"):
            calls = [Call(item["parent"], item["child"], int(item.get("callCount", 0))) for item in found]
        return sorted(calls, key=lambda call: (call.parent, call.child))

    async def _data(self, path: str, params: dict[str, str]) -> Any:
        body = await self._http.get_json(path, params)
        if not isinstance(body, dict) or "data" not in body:
            raise ServiceError(f"{self._http.name}: the answer to {path} has no data", 200)
        errors = body.get("errors")
        if errors and not body["data"]:
            raise ServiceError(f"{self._http.name}: {errors[0].get('msg', errors[0])}", 200)
        return body["data"]


def _spans(traces: list[dict[str, Any]] | None) -> list[Span]:
    """The spans of Jaeger's JSON traces, by trace id, start and span id."""
    spans = [_span(item, trace.get("processes", {})) for trace in traces or [] for item in trace["spans"]]
    return sorted(spans, key=lambda span: (span.trace_id, span.start, span.span_id))


def _span(item: dict[str, Any], processes: dict[str, Any]) -> Span:
    process = processes.get(item.get("processID", ""), item.get("process") or {})
    tags = [*process.get("tags", []), *item.get("tags", [])]
    attributes = {tag["key"]: _text(tag["value"]) for tag in tags}
    return Span(
        trace_id=item["traceID"],
        span_id=item["spanID"],
        parent_id=_parent(item),
        service=process.get("serviceName", ""),
        operation=item["operationName"],
        start=item["startTime"] / MICRO,
        duration=item["duration"] / MICRO,
        error=attributes.get("error") == "true" or attributes.get("otel.status_code") == "ERROR",
        attributes=attributes,
    )


def _parent(item: dict[str, Any]) -> str | None:
    """Jaeger names the parent by reference; spans of its first years carry `parentSpanID`."""
    for reference in item.get("references") or []:
        if reference.get("refType") == "CHILD_OF" and reference.get("traceID") == item["traceID"]:
            return str(reference["spanID"])
    return item.get("parentSpanID") or None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
