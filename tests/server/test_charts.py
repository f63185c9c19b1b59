"""Charts as the API gives them: grouped by query, with lines that have names."""

from __future__ import annotations

from aiops.core.entity import Entity
from aiops.core.evidence import Evidence, Query, Source, Window
from aiops.server.charts import charts
from aiops.tools.evidence_series import ChartSeries, EvidenceSeries

WINDOW = Window(start=60.0, end=120.0)
BASELINE = Window(start=0.0, end=60.0)


def _evidence(onset: float | None = None) -> Evidence:
    return Evidence(
        id="metrics-1",
        source=Source.METRICS,
        subject=Entity(kind="Deployment", namespace="shop", name="cart"),
        query=Query(tool="golden_signals", arguments={}),
        window=WINDOW,
        summary="It rose.",
        observed="0.5",
        score=0.9,
        onset=onset,
    )


def _line(promql: str, **labels: str) -> ChartSeries:
    return ChartSeries(name="error_ratio", unit="ratio", promql=promql, labels=labels, points=((60.0, 0.5),))


def _found(*lines: ChartSeries, no_data: str | None = None) -> EvidenceSeries:
    return EvidenceSeries(series=lines, window=WINDOW, baseline=BASELINE, no_data=no_data)


def test_one_chart_for_each_query_in_their_order() -> None:
    found = _found(_line("b", pod="cart-1"), _line("a"), _line("b", pod="cart-2"), no_data="no values for c")
    given = charts(_evidence(), found, 90.0)
    assert [(chart.query, len(chart.series), chart.unit) for chart in given.charts] == [
        ("b", 2, "ratio"),
        ("a", 1, "ratio"),
    ]
    assert given.missing == "no values for c"
    assert all((chart.window, chart.baseline) == (WINDOW, BASELINE) for chart in given.charts)


def test_a_line_is_named_by_its_labels_and_without_them_by_what_it_measures() -> None:
    (chart,) = charts(_evidence(), _found(_line("a", pod="cart-1", container="app")), None).charts
    assert [line.name for line in chart.series] == ["container=app, pod=cart-1"]
    (chart,) = charts(_evidence(), _found(_line("a")), None).charts
    assert [line.name for line in chart.series] == ["error_ratio of Deployment/shop/cart"]


def test_the_onset_is_that_of_the_evidence_and_else_of_the_diagnosis() -> None:
    onsets = [charts(_evidence(own), _found(_line("a")), 90.0).charts[0].onset for own in (70.0, None)]
    assert onsets == [70.0, 90.0]
