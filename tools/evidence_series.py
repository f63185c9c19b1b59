"""The time series behind a piece of evidence, to draw a chart of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from aiops.core.entity import Entity
from aiops.core.errors import (
    InvalidInputError,
    NotPossibleError,
    RemoteError,
    RetryWithOtherArgumentsError,
)
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.telemetry import Series
from aiops.tools.kit.arguments import Limit
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, TimeSeries, bounded, missing
from aiops.tools.kit.signal_promql import edge_promql, signal_promql
from aiops.tools.kit.signal_sources import TrafficSource
from aiops.tools.kit.telemetry_arguments import span
from aiops.tools.metric_query import coarse_enough

STEP = 15.0
"""Seconds between two points, where the window is not too long for that."""


class ChartSeries(Value):
    """One line of a chart. `points` are (unix seconds, value in `unit`), rising in time, without gaps' values.

    `promql` gives this very line in Prometheus; several lines can share one expression and differ in `labels`.
    """

    name: str
    unit: str
    promql: str
    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]


class EvidenceSeries(Result):
    """The lines of one chart, in the order of their expressions, over the evidence's window and baseline."""

    series: tuple[ChartSeries, ...] = ()
    window: Window
    baseline: Window | None = None


@tool(effect="reads")
async def evidence_series(
    ctx: Context,
    tool: Annotated[str, Field(description="the tool of an evidence's query")],
    arguments: Annotated[dict[str, Any], Field(description="the arguments of that query")],
    limit: Limit = 20,
) -> EvidenceSeries:
    """Give the time series behind an evidence, each with its PromQL. Evidence from objects or logs has none."""
    _check_namespaces(ctx, arguments)
    window, baseline = _window(tool, arguments, "window"), _window(tool, arguments, "baseline")
    if window is None:
        raise NotPossibleError(f"the query of {tool} names no window, so it has no time series behind it")
    both = span(window, baseline)
    step = coarse_enough(both, STEP)
    sources = await ctx.traffic.read(ctx.metrics, both.end)
    expressions = _expressions(tool, arguments, step, sources)
    if ctx.metrics is None:
        return EvidenceSeries(no_data="no Prometheus is configured", window=window, baseline=baseline)
    found: list[ChartSeries] = []
    failed: list[str] = []
    for name, (unit, promql) in expressions.items():
        try:
            series = await ctx.metrics.query_range(promql, both.start, both.end, step)
        except InvalidInputError as error:
            raise RetryWithOtherArgumentsError(str(error)) from error
        except RemoteError as error:
            failed.append(f"{name}: {error}")
            continue
        found += [_line(name, unit, promql, one) for one in series]
    kept, left_out = bounded(found, limit)
    empty = None if found else "Prometheus has no series for this window"
    no_data = missing(*failed, empty)
    return EvidenceSeries(series=kept, window=window, baseline=baseline, left_out=left_out, no_data=no_data)


def _expressions(
    tool: str, arguments: dict[str, Any], step: float, sources: tuple[TrafficSource, ...]
) -> dict[str, tuple[str, str]]:
    """(unit, PromQL) by name. Raises `NotPossibleError` where a query has no series behind it."""
    if tool == "metric_query" and isinstance(arguments.get("query"), str):
        return {"query": ("", arguments["query"])}
    if tool == "golden_signals" and arguments.get("entity") and arguments.get("signal"):
        signal = str(arguments["signal"])
        return {signal: signal_promql(_entity(arguments["entity"]), signal, step, sources)}
    if tool == "dependencies" and arguments.get("source") and arguments.get("address"):
        return edge_promql(_entity(arguments["source"]), str(arguments["address"]), step)
    raise NotPossibleError(f"an evidence whose query is {tool} with these arguments has no time series behind it")


def _entity(value: Any) -> Entity:
    try:
        return Entity.parse(value) if isinstance(value, str) else Entity.model_validate(value)
    except (InvalidInputError, ValidationError) as error:
        raise RetryWithOtherArgumentsError(f"argument arguments: {error}") from error


def _window(tool: str, arguments: dict[str, Any], name: str) -> Window | None:
    if arguments.get(name) is None:
        return None
    try:
        return Window.model_validate(arguments[name])
    except ValidationError as error:
        raise RetryWithOtherArgumentsError(f"argument arguments: {name} of {tool} is no window") from error


def _check_namespaces(ctx: Context, arguments: dict[str, Any]) -> None:
    ctx.scope(str(arguments.get("namespace", "")))
    for name in ("entity", "source"):
        if arguments.get(name):
            ctx.scope(_entity(arguments[name]).namespace)


def _line(name: str, unit: str, promql: str, series: Series) -> ChartSeries:
    plain = TimeSeries.of(series)
    points = tuple(zip(plain.times, plain.values, strict=True))
    return ChartSeries(name=name, unit=unit, promql=promql, labels=plain.labels, points=points)
