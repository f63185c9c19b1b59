"""Any PromQL expression over a window."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.errors import InvalidInputError, RemoteError, RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.tools.kit.arguments import Limit
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, TimeSeries, bounded

MOST_POINTS = 400
"""Points of one series; the step grows with the window."""


class MetricResult(Result):
    """Series in the order in which Prometheus gives them; `step` in seconds."""

    series: tuple[TimeSeries, ...] = ()
    step: float


@tool(effect="reads")
async def metric_query(
    ctx: Context,
    query: Annotated[str, Field(min_length=1, description="a PromQL expression")],
    window: Window,
    step: Annotated[float, Field(gt=0, description="seconds between two points")] = 15,
    limit: Limit = 50,
) -> MetricResult:
    """Evaluate a PromQL expression over a time window."""
    step = coarse_enough(window, step)
    if ctx.metrics is None:
        return MetricResult(no_data="no Prometheus is configured", step=step)
    try:
        found = await ctx.metrics.query_range(query, window.start, window.end, step)
    except InvalidInputError as error:
        raise RetryWithOtherArgumentsError(str(error)) from error
    except RemoteError as error:
        return MetricResult(no_data=str(error), step=step)
    kept, left_out = bounded(found, limit)
    empty = None if found else f"no series matches {query!r} in this window"
    return MetricResult(series=tuple(map(TimeSeries.of, kept)), left_out=left_out, no_data=empty, step=step)


def coarse_enough(window: Window, step: float) -> float:
    """A step in seconds with which no series of the window has more than `MOST_POINTS` points."""
    return max(step, (window.end - window.start) / MOST_POINTS)
