"""Where requests spend their time and where their errors begin, from sampled traces."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Annotated

import numpy as np
from pydantic import Field

from aiops.analysis.rootcause.from_recordings.recording import Spans
from aiops.analysis.rootcause.from_recordings.spanblame import span_blame
from aiops.analysis.traces.table import SpanTable, error_origins, gaps, table
from aiops.clients.jaeger import JaegerClient
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.telemetry import FloatArray, Span
from aiops.tools.kit.arguments import Limit
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded, missing
from aiops.tools.kit.telemetry_arguments import BaselineArg

TRACES_A_SERVICE = 100
SLOW_TRACES = 5

LEAST_SHARE = 0.05
"""Share of the trouble below which nothing is said of a service."""


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


class TroubleShare(Value):
    """Which part of the trouble that traces show, in 0..1, is a service's own time, time lost on calls from and to it,
    and errors that began there."""

    service: str
    slow: float
    network: float
    failing: float

    @property
    def total(self) -> float:
        return self.slow + self.network + self.failing


class TraceBreakdown(Result):
    """Sampled traces, so counts are no rates. Operations by their self time in the window, largest first."""

    traces: int = 0
    baseline_traces: int = 0
    operations: tuple[OperationStats, ...] = ()
    gaps: tuple[GapStats, ...] = ()
    origins: tuple[ErrorOrigin, ...] = ()
    shares: tuple[TroubleShare, ...] = ()
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
        now = await _spans(ctx.traces, services, window)
        before = await _spans(ctx.traces, services, baseline) if baseline else []
    except RemoteError as error:
        return TraceBreakdown(no_data=str(error))
    new, old = table(now), table(before)
    operations, left_out = bounded(_operations(new, old), limit)
    return TraceBreakdown(
        traces=len(set(new.trace)),
        baseline_traces=len(set(old.trace)),
        operations=operations,
        gaps=tuple(_gaps(new, old)),
        origins=tuple(_origins(new, old)),
        shares=_shares(table([*before, *now]), window, baseline) if baseline and now and before else (),
        slow_traces=_slow(new),
        left_out=left_out,
        no_data=missing(
            None if now else "no trace was recorded in the window",
            "no trace was recorded in the baseline" if baseline and not before else None,
        ),
    )


async def _spans(traces: JaegerClient, services: list[str], window: Window) -> list[Span]:
    spans: list[Span] = []
    known: set[str] = set()
    for service in services:
        found = await traces.traces(service, window.start, window.end, limit=TRACES_A_SERVICE, known=known)
        known.update(span.trace_id for span in found)
        spans += found
    return spans


def _operations(now: SpanTable, before: SpanTable) -> list[OperationStats]:
    left, right = _stats(now), _stats(before)
    found = [
        OperationStats(service=key[0], operation=key[1], now=left.get(key), baseline=right.get(key))
        for key in sorted(left.keys() | right.keys())
    ]
    return sorted(found, key=lambda item: -(item.now.self_p50 * item.now.count if item.now else 0.0))


def _stats(spans: SpanTable) -> dict[tuple[str, str], SpanStats]:
    """Figures of each operation."""
    own = spans.self_times() if len(spans) else spans.duration
    found = {}
    for number, key in enumerate(spans.operations):
        rows = spans.operation == number
        whole, alone = np.sort(spans.duration[rows]), np.sort(own[rows])
        found[key] = SpanStats(
            count=len(whole),
            error_ratio=float(spans.error[rows].mean()),
            p50=_quantile(whole, 0.5),
            p99=_quantile(whole, 0.99),
            self_p50=_quantile(alone, 0.5),
            self_p99=_quantile(alone, 0.99),
        )
    return found


def _quantile(ordered: FloatArray, share: float) -> float:
    return float(ordered[min(int(share * len(ordered)), len(ordered) - 1)])


def _gaps(now: SpanTable, before: SpanTable) -> list[GapStats]:
    left, right = gaps(now), gaps(before)
    return [
        GapStats(caller=key[0], callee=key[1], now=_median(left.get(key)), baseline=_median(right.get(key)))
        for key in sorted(left.keys() | right.keys())
    ]


def _median(values: list[float] | None) -> float | None:
    return statistics.median(values) if values else None


def _origins(now: SpanTable, before: SpanTable) -> list[ErrorOrigin]:
    left, right = error_origins(now), error_origins(before)
    found = [
        ErrorOrigin(service=key[0], address=key[1], now=left[key], baseline=right[key])
        for key in sorted(left.keys() | right.keys())
    ]
    return sorted(found, key=lambda item: -item.now)


def _shares(spans: SpanTable, window: Window, baseline: Window) -> tuple[TroubleShare, ...]:
    """How much of the trouble that traces show is each service's own, the largest share first."""
    columns = Spans(spans.entity, spans.parent, spans.operation, spans.start, spans.duration, spans.error)
    blamed = span_blame(columns, window.start, baseline.end, np.arange(len(spans.services)))
    if blamed is None:
        return ()
    parts = zip(spans.services, blamed.slow.tolist(), blamed.network.tolist(), blamed.failing.tolist(), strict=True)
    found = [TroubleShare(service=name, slow=slow, network=way, failing=errors) for name, slow, way, errors in parts]
    return tuple(sorted((one for one in found if one.total >= LEAST_SHARE), key=lambda one: (-one.total, one.service)))


def _slow(spans: SpanTable) -> tuple[str, ...]:
    """The traces whose longest span lasted longest."""
    longest: dict[str, float] = defaultdict(float)
    for trace, seconds in zip(spans.trace, spans.duration.tolist(), strict=True):
        longest[trace] = max(longest[trace], seconds)
    return tuple(sorted(longest, key=lambda trace: (-longest[trace], trace))[:SLOW_TRACES])
