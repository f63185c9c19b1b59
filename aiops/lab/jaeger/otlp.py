"""Traces as OTLP JSON: the message TracesData of OpenTelemetry's protocol, as Jaeger's API v3 gives it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.lab.jaeger.exceptions import exception_of
from aiops.lab.jaeger.store import Resource, Trace, TracedSpan

_KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_NUMBERS = frozenset({"http.request.resend_count", "http.response.status_code", "server.port"})
_SCOPE = {"name": "opentelemetry.instrumentation", "version": "1.0.0"}
_ERROR = 2


def traces_data(traces: Iterable[Trace]) -> dict[str, Any]:
    """All spans of the traces, by the resource that reported them."""
    spans: dict[int, tuple[Resource, list[dict[str, Any]]]] = {}
    for trace in traces:
        for span in trace.spans:
            resource = span.place.resource
            spans.setdefault(id(resource), (resource, []))[1].append(_span(trace.trace_id, span))
    return {
        "resourceSpans": [
            {"resource": _resource(resource), "scopeSpans": [{"scope": _SCOPE, "spans": found}]}
            for resource, found in spans.values()
        ]
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {"attributes": _attributes({"service.name": resource.service, **resource.attributes})}


def _span(trace_id: str, span: TracedSpan) -> dict[str, Any]:
    tags = span.tags
    kind = tags.pop("span.kind")
    written: dict[str, Any] = {
        "traceId": trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent,
        "flags": 256,
        "name": span.operation,
        "kind": _KINDS[kind],
        "startTimeUnixNano": _nano(span.start),
        "endTimeUnixNano": _nano(span.start + max(span.duration, 1e-6)),
        "attributes": _attributes(tags),
        "status": {"code": _ERROR} if span.error else {},
    }
    found = exception_of(span)
    if found is not None:
        fields = {"exception.type": found.type, "exception.message": found.message}
        fields["exception.stacktrace"] = found.stack
        moment = _nano(span.start + span.duration)
        written["events"] = [{"timeUnixNano": moment, "name": "exception", "attributes": _attributes(fields)}]
    if span.link:
        written["links"] = [{"traceId": span.link.trace_id, "spanId": span.link.span_id}]
    return written


def _nano(moment: float) -> str:
    """64-bit integers are text in protobuf's JSON."""
    return str(round(moment * 1e6) * 1000)


def _attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(name, value)} for name, value in sorted(values.items())]


def _value(name: str, value: str) -> dict[str, str]:
    return {"intValue": value} if name in _NUMBERS else {"stringValue": value}
