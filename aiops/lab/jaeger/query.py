"""Which traces a query asks for, and how Jaeger writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from aiops.core.errors import InvalidInputError
from aiops.lab.jaeger.store import Trace, TracedSpan

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)")
_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """A search: times in unix seconds, durations in seconds. Empty texts and None do not filter."""

    service: str
    operation: str = ""
    start: float = 0.0
    end: float = float("inf")
    shortest: float | None = None
    longest: float | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def matches(self, trace: Trace) -> bool:
        """Whether one span of the trace has everything that is asked for."""
        if trace.start > self.end or trace.end < self.start:
            return False
        return any(self._span_matches(span) for span in trace.spans)

    def _span_matches(self, span: TracedSpan) -> bool:
        if span.service != self.service or (self.operation and span.operation != self.operation):
            return False
        if not self.start <= span.start <= self.end:
            return False
        if self.shortest is not None and span.duration < self.shortest:
            return False
        if self.longest is not None and span.duration > self.longest:
            return False
        tags = all_tags(span)
        return all(tags.get(name) == value for name, value in self.tags)


def parse_duration(text: str) -> float:
    """Seconds of a Go duration (`1.5s`, `100ms`, `1m30s`). Raises `InvalidInputError`."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InvalidInputError(f"not a duration: {text!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def all_tags(span: TracedSpan) -> dict[str, str]:
    """A span's tags with those that say whether it failed."""
    tags = dict(span.tags)
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
    owners = sorted({(span.service, span.namespace, span.pod) for span in trace.spans})
    names = {owner: f"p{number + 1}" for number, owner in enumerate(owners)}
    return {
        "traceID": trace.trace_id,
        "spans": [_span_json(trace.trace_id, s, names[s.service, s.namespace, s.pod]) for s in trace.spans],
        "processes": {
            name: {
                "serviceName": service,
                "tags": [_tag("k8s.namespace.name", namespace), _tag("k8s.pod.name", pod)],
            }
            for (service, namespace, pod), name in names.items()
        },
        "warnings": None,
    }


def _span_json(trace_id: str, span: TracedSpan, process: str) -> dict[str, Any]:
    parent = [{"refType": "CHILD_OF", "traceID": trace_id, "spanID": span.parent}] if span.parent else []
    tags = {**all_tags(span), "k8s.pod.name": span.pod, "k8s.namespace.name": span.namespace}
    return {
        "traceID": trace_id,
        "spanID": span.span_id,
        "operationName": span.operation,
        "references": parent,
        "startTime": round(span.start * 1e6),
        "duration": max(round(span.duration * 1e6), 1),
        "tags": [_tag(name, value) for name, value in sorted(tags.items())],
        "logs": [],
        "processID": process,
        "warnings": None,
    }


def _tag(name: str, value: str) -> dict[str, Any]:
    if name == "error":
        return {"key": name, "type": "bool", "value": True}
    if name in ("http.response.status_code", "server.port"):
        return {"key": name, "type": "int64", "value": int(value)}
    return {"key": name, "type": "string", "value": value}
