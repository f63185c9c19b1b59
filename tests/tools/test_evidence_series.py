"""Charts of evidence: every line can be asked again in Prometheus, and agrees with what the evidence says."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError, RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.tools.dependencies import dependencies
from aiops.tools.evidence_series import evidence_series
from aiops.tools.golden_signals import golden_signals
from aiops.tools.kit.signal_promql import UNITS, signal_promql
from aiops.tools.metric_query import metric_query

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
SERVICE = Entity(kind="Service", namespace="hotel", name="geo")


def window(lab: Any) -> Window:
    return Window(start=lab.world.now - 120, end=lab.world.now)


@pytest.mark.parametrize(("entity", "least"), [(SERVICE, 4), (GEO, 6)])
async def test_every_golden_signal_has_its_line(lab: Any, entity: Entity, least: int) -> None:
    lab.run(180)
    asked = {"window": window(lab).model_dump(), "entity": str(entity)}
    result = await golden_signals.call(lab.ctx, asked)
    (item,) = result.entities
    assert len(item.signals) >= least
    for signal in item.signals:
        chart = await evidence_series(lab.ctx, "golden_signals", {**asked, "signal": signal.name})
        (line,) = chart.series
        assert (line.name, line.unit, chart.no_data) == (signal.name, UNITS[signal.name], None)
        again = await metric_query(lab.ctx, line.promql, window(lab), 15.0)
        assert [tuple(zip(s.times, s.values, strict=True)) for s in again.series] == [line.points]
        if signal.name != "restarts" and line.points:
            known = dict(zip(signal.series.times, signal.series.values, strict=True))
            shared = [(known[t], v) for t, v in line.points if t in known]
            assert shared, signal.name
            for expected, value in shared:
                assert value == pytest.approx(expected, rel=1e-6, abs=1e-9), signal.name


async def test_the_calls_between_two_have_lines(lab: Any) -> None:
    lab.run(180)
    graph = await dependencies(lab.ctx, window(lab), None, "hotel")
    edge = next(e for e in graph.edges if e.service == SERVICE and e.now is not None)
    asked = {"window": window(lab).model_dump(), "source": str(edge.source), "address": edge.address}
    chart = await evidence_series(lab.ctx, "dependencies", asked)
    assert {line.name: line.unit for line in chart.series} == {"calls": "calls/s", "errors": "ratio", "duration": "s"}
    calls = next(line for line in chart.series if line.name == "calls")
    assert edge.now is not None
    assert calls.points[-1][1] == pytest.approx(edge.now.rate, rel=0.3)
    (only,) = (await dependencies.call(lab.ctx, asked)).edges
    assert (only.source, only.address) == (edge.source, edge.address)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_object", {"entity": str(GEO)}),
        ("golden_signals", {"namespace": "hotel"}),
        ("golden_signals", {"entity": str(SERVICE), "signal": "cpu", "window": {"start": 0, "end": 1}}),
        ("metric_query", {"query": "up"}),
    ],
)
async def test_other_evidence_has_no_series(lab: Any, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(NotPossibleError):
        await evidence_series(lab.ctx, tool, arguments)


async def test_charts_stay_in_the_allowed_namespaces(lab: Any) -> None:
    elsewhere = {"entity": "Service/kube-system/x", "signal": "rate", "window": {"start": 0, "end": 1}}
    with pytest.raises(RetryWithOtherArgumentsError, match="outside the allowed ones"):
        await evidence_series(lab.ctx, "golden_signals", elsewhere)


async def test_wrong_arguments_are_named(lab: Any) -> None:
    with pytest.raises(RetryWithOtherArgumentsError, match="no window"):
        await evidence_series(lab.ctx, "metric_query", {"query": "up", "window": "now"})
    with pytest.raises(RetryWithOtherArgumentsError, match="nonsense"):
        await evidence_series(lab.ctx, "golden_signals", {"entity": "nonsense", "signal": "rate"})
    with pytest.raises(RetryWithOtherArgumentsError):
        await evidence_series(lab.ctx, "metric_query", {"query": "sum(", "window": {"start": 0, "end": 1}})


def test_a_name_cannot_leave_its_quotes() -> None:
    hostile = Entity(kind="Service", namespace="hotel", name='x"} or up{a="')
    assert '\\"} or up{a=\\"' in signal_promql(hostile, "rate")
