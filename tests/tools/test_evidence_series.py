"""Charts of evidence: every line can be asked again in Prometheus, and agrees with what the evidence says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest

from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError, RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.lab.prometheus import prometheus_app
from aiops.tools.dependencies import dependencies
from aiops.tools.evidence_series import evidence_series
from aiops.tools.golden_signals import golden_signals
from aiops.tools.kit.signal_promql import edge_promql, signal_promql
from aiops.tools.kit.signal_sources import OF_ITS_PODS, SHORTEST_RATE, UNITS
from aiops.tools.metric_query import metric_query

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
CRASHING = {"name": "geo", "livenessProbe": {"httpGet": {"path": "/none", "port": 9}, "periodSeconds": 5}}
SERVICE = Entity(kind="Service", namespace="hotel", name="geo")


def window(lab: Any) -> Window:
    return Window(start=lab.world.now - 120, end=lab.world.now)


async def test_every_golden_signal_has_its_line_which_is_what_the_tool_tells(lab: Any) -> None:
    """Also where a pod restarted, where requests fail, and of workloads whose name begins another's."""
    await lab.kube.patch(GEO, {"spec": {"template": {"spec": {"containers": [CRASHING]}}}}, "strategic")
    lab.run(180)
    result = await golden_signals(lab.ctx, window(lab))
    told: dict[str, set[str]] = {}
    for item in result.entities:
        for signal in item.signals:
            asked = {"window": window(lab).model_dump(), "entity": str(item.entity), "signal": signal.name}
            chart = await evidence_series(lab.ctx, "golden_signals", asked)
            if not signal.series.times:
                assert all(line.points == () for line in chart.series)
                continue
            (line,) = chart.series
            assert (line.name, line.unit, chart.no_data) == (signal.name, UNITS[signal.name], None)
            assert [t for t, _ in line.points] == pytest.approx(signal.series.times), (item.entity, signal.name)
            values = [value for _, value in line.points]
            assert values == pytest.approx(signal.series.values, rel=1e-9, abs=1e-12), (item.entity, signal.name)
            told.setdefault(item.entity.kind, set()).add(signal.name)
    assert told["Deployment"] == set(OF_ITS_PODS)
    assert told["Service"] == told["Ingress"] == set(UNITS) - set(OF_ITS_PODS)
    geo = next(item for item in result.entities if item.entity == GEO)
    restarts = geo.signal("restarts")
    assert restarts is not None
    assert restarts.value


async def test_a_line_can_be_asked_again_in_prometheus(lab: Any) -> None:
    asked = {"window": window(lab).model_dump(), "entity": str(GEO), "signal": "cpu"}
    (line,) = (await evidence_series(lab.ctx, "golden_signals", asked)).series
    again = await metric_query(lab.ctx, line.promql, window(lab), 15.0)
    assert [tuple(zip(s.times, s.values, strict=True)) for s in again.series] == [line.points]


@pytest.mark.parametrize("step", [15.0, 300.0])
def test_no_sample_falls_between_two_points_of_a_rate(step: float) -> None:
    _, promql = signal_promql(SERVICE, "error_ratio", step)
    assert promql.count(f"[{max(step, SHORTEST_RATE):.0f}s]") == 3
    edge = edge_promql(GEO, "db", step)
    assert f"[{max(step, SHORTEST_RATE):.0f}s]" in edge["errors"][1]


async def test_what_could_not_be_read_is_no_zero(lab: Any) -> None:
    """Requests are read and their errors are not: then nothing is said about errors."""
    inner = httpx2.ASGITransport(app=prometheus_app(lab.world.series, lab.world.rules, lab.world.clock))

    class Deaf(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            if "5.." in unquote(f"{request.url}{(await request.aread()).decode()}"):
                return httpx2.Response(500, json={"error": "too much"})
            return await inner.handle_async_request(request)

    metrics = PrometheusClient.at("http://lab", transport=Deaf(), retry=Retry(1, 0.0))
    found = await golden_signals(replace(lab.ctx, metrics=metrics), window(lab))
    service = next(item for item in found.entities if item.entity == SERVICE)
    assert service.signal("rate") is not None
    assert service.signal("error_ratio") is None
    assert found.no_data is not None
    assert "error_ratio: " in found.no_data


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
    elsewhere = {"entity": "Service/elsewhere/x", "signal": "rate", "window": {"start": 0, "end": 1}}
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
    assert '\\"} or up{a=\\"' in signal_promql(hostile, "rate", 15)[1]
