"""Spans of many traces as one table of columns, and what it tells of services by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from aiops.analysis.traces.columns import Flags, IntArray, error_begins, self_times
from aiops.core.telemetry import FloatArray, Span

Origin = tuple[str, str]
"""(service, what it called): the second is empty where the service failed by itself."""

K = TypeVar("K", str, tuple[str, str])

CALLING = ("client", "producer")


@dataclass(frozen=True, slots=True)
class SpanTable:
    """Columns (n,) of spans by start. `entity` numbers `services`, `operation` numbers `operations` ((service, name)).

    `parent` is the index of the parent span, -1 where it has none or it was not recorded; `calls` are the spans on the
    calling side of a remote call, to `address`. Times in unix seconds, durations in seconds.
    """

    services: tuple[str, ...]
    operations: tuple[tuple[str, str], ...]
    trace: tuple[str, ...]
    entity: IntArray
    operation: IntArray
    parent: IntArray
    start: FloatArray
    duration: FloatArray
    error: Flags
    calls: Flags
    address: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.trace)

    def self_times(self) -> FloatArray:
        """Seconds (n,) of each span in which none of its children ran."""
        return self_times(self.parent, self.start, self.duration)


def table(spans: Iterable[Span]) -> SpanTable:
    """All spans in one table. They are told apart by (trace id, span id); a repeated one counts once."""
    rows = list({(s.trace_id, s.span_id): s for s in sorted(spans, key=_order)}.values())
    index = {(span.trace_id, span.span_id): number for number, span in enumerate(rows)}
    parents = [index.get((span.trace_id, span.parent_id or ""), -1) for span in rows]
    services, entity = _numbered([span.service for span in rows])
    operations, operation = _numbered([(span.service, span.operation) for span in rows])
    return SpanTable(
        services=services,
        operations=operations,
        trace=tuple(span.trace_id for span in rows),
        entity=entity,
        operation=operation,
        parent=np.array([-1 if p == i else p for i, p in enumerate(parents)], dtype=np.int64),
        start=np.array([span.start for span in rows], dtype=np.float64),
        duration=np.array([span.duration for span in rows], dtype=np.float64),
        error=np.array([span.error for span in rows], dtype=np.bool_),
        calls=np.array([span.attributes.get("span.kind") in CALLING for span in rows], dtype=np.bool_),
        address=tuple(span.attributes.get("server.address", "") for span in rows),
    )


def _order(span: Span) -> tuple[float, str, str]:
    return span.start, span.trace_id, span.span_id


def _numbered(keys: list[K]) -> tuple[tuple[K, ...], IntArray]:
    """The different keys in order, and the number of each."""
    names = sorted(set(keys))
    number = {name: place for place, name in enumerate(names)}
    return tuple(names), np.array([number[key] for key in keys], dtype=np.int64)


def gaps(found: SpanTable) -> dict[tuple[str, str], list[float]]:
    """(calling service, called service) -> seconds by which each calling span outlasts the span of whom it called.

    Durations are compared, never starts, so that skewed clocks do not matter.
    """
    children = np.flatnonzero(found.parent >= 0)
    above = found.parent[children]
    remote = found.calls[above] & (found.entity[above] != found.entity[children])
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for child, parent in zip(children[remote].tolist(), above[remote].tolist(), strict=True):
        pair = found.services[found.entity[parent]], found.services[found.entity[child]]
        seconds[pair].append(max(float(found.duration[parent] - found.duration[child]), 0.0))
    return dict(seconds)


def error_origins(found: SpanTable) -> Counter[Origin]:
    """How many errors began at each origin: an erring span with no erring span below it.

    A calling span with none below failed on the way: the origin is then the edge to what it called, because the callee
    never saw the request or did not record it.
    """
    begins = np.flatnonzero(error_begins(found.parent, found.error)) if len(found) else np.empty(0, dtype=np.int64)
    origins: Counter[Origin] = Counter()
    for span in begins.tolist():
        called = found.address[span] if found.calls[span] else ""
        origins[found.services[found.entity[span]], called] += 1
    return origins
