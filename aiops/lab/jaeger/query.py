"""Which traces a query asks for, and the durations in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson

from aiops.core.errors import InvalidInputError
from aiops.lab.jaeger.exceptions import exception_of
from aiops.lab.jaeger.store import Trace, TracedSpan
from aiops.lab.jaeger.views import all_tags

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)")
_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


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
        if not self.tags:
            return True
        tags = {**span.place.resource.attributes, **all_tags(span)}
        exception = exception_of(span)
        if exception is not None:
            tags |= {"event": "exception", "exception.type": exception.type, "exception.message": exception.message}
        return all(tags.get(name) == value for name, value in self.tags)


def parse_duration(text: str) -> float:
    """Seconds of a Go duration (`1.5s`, `100ms`, `1m30s`). Raises `InvalidInputError`."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise InvalidInputError(f"not a duration: {text!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def tags_of(text: str, otherwise: str) -> dict[str, str]:
    """A JSON object of texts; numbers and booleans are taken as they are written. Raises `InvalidInputError` that says
    `otherwise`."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(otherwise) from error
    if not isinstance(found, dict) or any(isinstance(value, dict | list) or value is None for value in found.values()):
        raise InvalidInputError(otherwise)
    return {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in found.items()}
