"""Where requests spend their time and where their errors begin, from sampled traces."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Annotated

from pydantic import Field

from aiops.analysis.traces.errors import error_origins
from aiops.analysis.traces.gaps import gaps
from aiops.analysis.traces.self_time import self_time
from aiops.analysis.traces.tree import Node, by_operation, trees
from aiops.clients.jaeger import JaegerClient
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.telemetry import Span
from aiops.tools.kit.arguments import Limit
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded, missing
from aiops.tools.kit.telemetry_arguments import BaselineArg

TRACES_A_SERVICE = 100
SLOW_TRACES = 5


class SpanStats(Value):
    """Spans of one operation in one window. Times in seconds; `self_*` is time not spent waiting for children."""

    count: int
    error_ratio: float
    p50: float
    p99: float
    self_p50: float
    self_p99: float


class OperationStats(Value):
    """One operation of one service, now and in the baseline (None: no spans)."""

    service: str
    operation: str
    now: SpanStats | None
    baseline: SpanStats | None


class GapStats(Value):
    """How much longer calls from `caller` lasted than `callee` worked on them: median seconds, None without spans."""

    caller: str
    callee: str
    now: float | None
    baseline: float | None


class ErrorOrigin(Value):
    """Errors that began in `service`, or on its way to `address` where that is not empty, with their counts."""

    service: str
    address: str
    now: int
    baseline: int


class TraceBreakdown(Result):
    """Sampled traces, so counts are no rates. Operations by their self time in the window, largest first."""

    traces: int = 0
    baseline_traces: int = 0
    operations: tuple[OperationStats, ...] = ()
    gaps: tuple[GapStats, ...] = ()
    origins: tuple[ErrorOrigin, ...] = ()
    slow_traces: tuple[str, ...] = ()


@tool(effect="reads")
async def trace_breakdown(
    ctx: Context,
    window: Window,
    baseline: BaselineArg = None,
    service: Annotated[str, Field(description="traces that pass this service; empty: of every service")] = "",
    limit: Limit = 100,
) -> TraceBreakdown:
    """Break sampled traces down by service and operation: self time, errors and where they began, time on the network.

    With a baseline, figures of both windows stand side by side."""
    if ctx.traces is None:
        return TraceBreakdown(no_data="no Jaeger is configured")
    try:
        services = [service] if service else await ctx.traces.services()
        now = await _nodes(ctx.traces, services, window)
        before = await _nodes(ctx.traces, services, baseline) if baseline else []
    except RemoteError as error:
        return TraceBreakdown(no_data=str(error))
    operations, left_out = bounded(_operations(now, before), limit)
    return TraceBreakdown(
        traces=_traces(now),
        baseline_traces=_traces(before),
        operations=operations,
        gaps=tuple(_gaps(now, before)),
        origins=tuple(_origins(now, before)),
        slow_traces=_slow(now),
        left_out=left_out,
        no_data=missing(
            None if now else "no trace was recorded in the window",
            "no trace was recorded in the baseline" if baseline and not before else None,
        ),
    )


async def _nodes(traces: JaegerClient, services: list[str], window: Window) -> list[Node]:
    spans: list[Span] = []
    known: set[str] = set()
    for service in services:
        found = await traces.traces(service, window.start, window.end, limit=TRACES_A_SERVICE, known=known)
        known.update(span.trace_id for span in found)
        spans += found
    return trees(spans)


def _traces(nodes: list[Node]) -> int:
    return len({node.span.trace_id for node in nodes})


def _operations(now: list[Node], before: list[Node]) -> list[OperationStats]:
    left, right = by_operation(now), by_operation(before)
    found = [
        OperationStats(service=key[0], operation=key[1], now=_stats(left.get(key)), baseline=_stats(right.get(key)))
        for key in sorted(left.keys() | right.keys())
    ]
    return sorted(found, key=lambda item: -(item.now.self_p50 * item.now.count if item.now else 0.0))


def _stats(nodes: list[Node] | None) -> SpanStats | None:
    if not nodes:
        return None
    own = sorted(map(self_time, nodes))
    whole = sorted(node.span.duration for node in nodes)
    return SpanStats(
        count=len(nodes),
        error_ratio=sum(node.span.error for node in nodes) / len(nodes),
        p50=_quantile(whole, 0.5),
        p99=_quantile(whole, 0.99),
        self_p50=_quantile(own, 0.5),
        self_p99=_quantile(own, 0.99),
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _gaps(now: list[Node], before: list[Node]) -> list[GapStats]:
    left, right = gaps(now), gaps(before)
    return [
        GapStats(caller=key[0], callee=key[1], now=_median(left.get(key)), baseline=_median(right.get(key)))
        for key in sorted(left.keys() | right.keys())
    ]


def _median(values: list[float] | None) -> float | None:
    return statistics.median(values) if values else None


def _origins(now: list[Node], before: list[Node]) -> list[ErrorOrigin]:
    left, right = error_origins(now), error_origins(before)
    found = [
        ErrorOrigin(service=key[0], address=key[1], now=left[key], baseline=right[key])
        for key in sorted(left.keys() | right.keys())
    ]
    return sorted(found, key=lambda item: -item.now)


def _slow(nodes: list[Node]) -> tuple[str, ...]:
    """The traces whose longest span lasted longest."""
    longest: dict[str, float] = defaultdict(float)
    for node in nodes:
        longest[node.span.trace_id] = max(longest[node.span.trace_id], node.span.duration)
    return tuple(sorted(longest, key=lambda trace: (-longest[trace], trace))[:SLOW_TRACES])
