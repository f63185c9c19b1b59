"""The traces of the last simulated hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

RETENTION = 3600.0
"""Seconds for which a trace is kept."""


@dataclass(frozen=True, slots=True)
class TracedSpan:
    """A span as a process reported it. `parent` is empty for the root; times and durations in seconds."""

    span_id: str
    parent: str
    service: str
    namespace: str
    pod: str
    operation: str
    start: float
    duration: float
    error: bool
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """All spans of one request. `start` is that of its first span. Equal only to itself."""

    trace_id: str
    spans: tuple[TracedSpan, ...]
    start: float
    end: float


class TraceStore:
    """Traces in the order in which they came."""

    def __init__(self, retention: float = RETENTION) -> None:
        self._retention = retention
        self._traces: deque[Trace] = deque()

    def __len__(self) -> int:
        return len(self._traces)

    def add(self, trace_id: str, spans: list[TracedSpan]) -> None:
        """Keep a trace, its spans sorted by their start. `spans` must not be empty."""
        ordered = tuple(sorted(spans, key=lambda span: (span.start, span.span_id)))
        end = max(span.start + span.duration for span in ordered)
        self._traces.append(Trace(trace_id, ordered, ordered[0].start, end))

    def drop_before(self, now: float) -> None:
        """Forget what is older than the retention."""
        while self._traces and self._traces[0].start < now - self._retention:
            self._traces.popleft()

    def newest(self, before: float) -> Iterator[Trace]:
        """The traces that have ended by `before`, newest first."""
        return (trace for trace in reversed(self._traces) if trace.end <= before)

    def find(self, trace_id: str) -> Trace | None:
        return next((trace for trace in self._traces if trace.trace_id == trace_id), None)
