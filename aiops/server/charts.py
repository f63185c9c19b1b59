"""Charts of an evidence: its series, grouped by what they measure, with the query that anybody can run again."""

from __future__ import annotations

from pydantic import BaseModel

from aiops.core.evidence import Evidence, Window
from aiops.tools.evidence_series import ChartSeries, EvidenceSeries


class Line(BaseModel):
    """`points` are [unix seconds, value]."""

    name: str
    points: list[tuple[float, float]]


class Chart(BaseModel):
    """Lines of one unit. `query` is PromQL; `onset` is when it began: by the evidence itself, else by the diagnosis."""

    name: str
    query: str
    unit: str
    window: Window
    baseline: Window | None
    onset: float | None
    series: list[Line]


class Charts(BaseModel):
    """`missing` says which values could not be had, and why; None where nothing is missing."""

    charts: list[Chart]
    missing: str | None


def charts(evidence: Evidence, found: EvidenceSeries, onset: float | None) -> Charts:
    """One chart for each expression behind the evidence, in their order."""
    grouped: dict[str, list[ChartSeries]] = {}
    for series in found.series:
        grouped.setdefault(series.promql, []).append(series)
    drawn = [
        Chart(
            name=group[0].name,
            query=query,
            unit=group[0].unit,
            window=found.window,
            baseline=found.baseline,
            onset=evidence.onset or onset,
            series=[_line(series, evidence) for series in group],
        )
        for query, group in grouped.items()
    ]
    return Charts(charts=drawn, missing=found.no_data)


def _line(series: ChartSeries, evidence: Evidence) -> Line:
    labels = ", ".join(f"{name}={value}" for name, value in sorted(series.labels.items()))
    return Line(name=labels or f"{series.name} of {evidence.subject}", points=list(series.points))
