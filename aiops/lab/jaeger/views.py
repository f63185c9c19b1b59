"""How Jaeger's own HTTP API writes traces."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson

from aiops.lab.jaeger.exceptions import exception_of
from aiops.lab.jaeger.store import Resource, Trace, TracedSpan

_REMEMBERED = 4096
_NUMBERS = frozenset({"http.request.resend_count", "http.response.status_code", "server.port"})
_CHILD_OF, _FOLLOWS_FROM = "CHILD_OF", "FOLLOWS_FROM"


def all_tags(span: TracedSpan) -> dict[str, str]:
    """A span's tags with those that say whether it failed."""
    tags = span.tags
    if span.error:
        tags["error"] = "true"
        tags["otel.status_code"] = "ERROR"
    return tags


@lru_cache(_REMEMBERED)
def encoded(trace: Trace) -> orjson.Fragment:
    """`trace_json` as text, written once for all who ask for it."""
    return orjson.Fragment(orjson.dumps(trace_json(trace)))


def trace_json(trace: Trace) -> dict[str, Any]:
    """A trace in Jaeger's JSON; times in microseconds."""
    numbers: dict[int, int] = {}
    owners: list[Resource] = []
    for span in trace.spans:
        if numbers.setdefault(id(span.place.resource), len(owners)) == len(owners):
            owners.append(span.place.resource)
    starts = {span.span_id: span for span in trace.spans}
    return {
        "traceID": trace.trace_id,
        "spans": [
            _span_json(trace.trace_id, span, f"p{numbers[id(span.place.resource)] + 1}", starts.get(span.parent))
            for span in trace.spans
        ],
        "processes": {f"p{number + 1}": _process_json(owner) for number, owner in enumerate(owners)},
        "warnings": None,
    }


def _process_json(resource: Resource) -> dict[str, Any]:
    tags = [_tag(name, value) for name, value in sorted(resource.attributes.items())]
    return {"serviceName": resource.service, "tags": tags}


def _span_json(trace_id: str, span: TracedSpan, process: str, parent: TracedSpan | None) -> dict[str, Any]:
    references = []
    if span.parent:
        references.append({"refType": _CHILD_OF, "traceID": trace_id, "spanID": span.parent})
    if span.link:
        references.append({"refType": _FOLLOWS_FROM, "traceID": span.link.trace_id, "spanID": span.link.span_id})
    return {
        "traceID": trace_id,
        "spanID": span.span_id,
        "flags": 1,
        "operationName": span.operation,
        "references": references,
        "startTime": round(span.start * 1e6),
        "duration": max(round(span.duration * 1e6), 1),
        "tags": [_tag(name, value) for name, value in sorted(all_tags(span).items())],
        "logs": _logs(span),
        "processID": process,
        "warnings": _warnings(span, parent),
    }


def _logs(span: TracedSpan) -> list[dict[str, Any]]:
    found = exception_of(span)
    if found is None:
        return []
    fields = {"event": "exception", "exception.type": found.type, "exception.message": found.message}
    fields["exception.stacktrace"] = found.stack
    moment = round((span.start + span.duration) * 1e6)
    return [{"timestamp": moment, "fields": [_tag(name, value) for name, value in fields.items()]}]


def _warnings(span: TracedSpan, parent: TracedSpan | None) -> list[str] | None:
    """Jaeger notices where a span begins before the one that caused it, on another clock, and leaves it so."""
    if parent is None or parent.place.resource is span.place.resource or span.start >= parent.start:
        return None
    delta = (parent.start - span.start) * 1e6
    return [f"clock skew adjustment disabled; not applying calculated delta of {delta:.0f}µs"]


def _tag(name: str, value: str) -> dict[str, Any]:
    if name == "error":
        return {"key": name, "type": "bool", "value": True}
    if name in _NUMBERS:
        return {"key": name, "type": "int64", "value": int(value)}
    return {"key": name, "type": "string", "value": value}
