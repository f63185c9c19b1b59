"""The traces of the last simulated hour, kept as short as they can be: what spans share lies in their places."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

RETENTION = 3600.0
"""Seconds for which a trace is kept."""

MOST_TRACES = 20_000


@dataclass(frozen=True, slots=True)
class Resource:
    """A process that reports spans. `attributes` are OpenTelemetry's resource attributes without the service's name."""

    service: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A statement that makes spans: `kind` is OpenTelemetry's span kind (`server`, `client`, `producer`, `consumer`),
    `tags` are the attributes that all of its spans have."""

    resource: Resource
    operation: str
    kind: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Link(NamedTuple):
    """Another span that a span follows from."""

    trace_id: str
    span_id: str


class TracedSpan(NamedTuple):
    """A span as a process reported it. `parent` is empty for the root; times and durations in seconds; `status` is
    that of an HTTP answer (0: none came), `error_type` OpenTelemetry's `error.type`. `resend` counts the tries before
    it. Where the program caught an exception, `exception` names it for `aiops.lab.jaeger.exceptions`."""

    span_id: str
    parent: str
    place: Place
    start: float
    duration: float
    status: int = 0
    error_type: str = ""
    exception: str = ""
    link: Link | None = None
    resend: int = 0

    @property
    def service(self) -> str:
        return self.place.resource.service

    @property
    def operation(self) -> str:
        return self.place.operation

    @property
    def error(self) -> bool:
        return bool(self.error_type)

    @property
    def tags(self) -> dict[str, str]:
        """Its attributes, with `span.kind` as Jaeger names it."""
        found = {"span.kind": self.place.kind, **self.place.tags}
        if self.status:
            found["http.response.status_code"] = str(self.status)
        if self.resend:
            found["http.request.resend_count"] = str(self.resend)
        if self.error_type:
            found["error.type"] = self.error_type
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """All spans of one request. `start` is that of its first span and `end` that of its last one, as their processes'
    clocks say; `reported` is when it was over. Equal only to itself."""

    trace_id: str
    spans: tuple[TracedSpan, ...]
    start: float
    end: float
    reported: float


_START = attrgetter("start")


class TraceStore:
    """Traces in the order in which they came. `catch_up` is called before anybody reads: it adds what is due."""

    def __init__(self, retention: float = RETENTION) -> None:
        self.catch_up: Callable[[], None] | None = None
        self._retention = retention
        self._traces: deque[Trace] = deque(maxlen=MOST_TRACES)

    def __len__(self) -> int:
        return len(self._read())

    def __deepcopy__(self, memo: dict[int, Any]) -> TraceStore:
        """A store of its own; traces never change, so both have them."""
        made = memo[id(self)] = TraceStore(self._retention)
        made._traces.extend(self._traces)
        made.catch_up = deepcopy(self.catch_up, memo)
        return made

    def add(self, trace_id: str, spans: list[TracedSpan], reported: float | None = None) -> None:
        """Keep a trace that was over at `reported` (None: when its last span ends), its spans sorted by their start.
        `spans` must not be empty."""
        ordered = tuple(sorted(spans, key=_START))
        end = max([span.start + span.duration for span in ordered])
        self._traces.append(Trace(trace_id, ordered, ordered[0].start, end, end if reported is None else reported))

    def drop_before(self, now: float) -> None:
        """Forget what is older than the retention."""
        while self._traces and self._traces[0].reported < now - self._retention:
            self._traces.popleft()

    def newest(self, before: float) -> Iterator[Trace]:
        """The traces that were over by `before`, newest first."""
        return (trace for trace in reversed(self._read()) if trace.reported <= before)

    def find(self, trace_id: str) -> Trace | None:
        wanted = trace_id.lower().zfill(32)
        return next((trace for trace in self._read() if trace.trace_id == wanted), None)

    def _read(self) -> deque[Trace]:
        if self.catch_up is not None:
            self.catch_up()
        return self._traces
