"""Signals, calls, traces and logs of a lab that has run for some minutes."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from aiops.clients.jaeger import JaegerClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.entity import Entity
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.tools.dependencies import dependencies
from aiops.tools.golden_signals import golden_signals
from aiops.tools.inner_readings import inner_readings
from aiops.tools.logs_by_template import MOST_LINE, logs_by_template, parse_log
from aiops.tools.metric_query import MOST_POINTS, metric_query
from aiops.tools.trace_breakdown import trace_breakdown

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
SEARCH = Entity(kind="Deployment", namespace="hotel", name="search")
SERVICE = Entity(kind="Service", namespace="hotel", name="geo")


@pytest.fixture(scope="module")
def old(request):
    lab = request.getfixturevalue("make_lab")()
    lab.run(600)
    return lab


def windows(lab):
    now = lab.world.now
    return Window(start=now - 180, end=now), Window(start=now - 480, end=now - 180)


def down():
    def refuse(request):
        raise httpx2.ConnectError("refused", request=request)

    return {"transport": httpx2.MockTransport(refuse), "retry": Retry(1)}


async def test_signals_of_services_entry_points_and_workloads(old):
    window, baseline = windows(old)
    found = await golden_signals(old.ctx, window, baseline)
    assert found.no_data is None
    by_entity = {item.entity: item for item in found.entities}
    geo = by_entity[SERVICE]
    assert {signal.name for signal in geo.signals} == {"rate", "error_ratio", "p50", "p99"}
    rate, p50, p99 = (geo.signal(name) for name in ("rate", "p50", "p99"))
    assert rate.value == pytest.approx(rate.baseline, rel=0.3)
    assert 0 < p50.value < p99.value < 1
    assert 0 <= geo.signal("error_ratio").value < 0.05
    assert rate.series.times[0] >= baseline.start
    assert rate.series.times[-1] <= window.end
    (entry,) = [item for item in found.entities if item.entity.kind == "Ingress"]
    assert entry.signal("rate").value > rate.value
    resources = by_entity[GEO]
    assert 0 < resources.signal("cpu_of_limit").value < 1
    assert 0 < resources.signal("memory_of_limit").value < 1
    assert resources.signal("restarts").value == 0
    assert resources.signal("rate") is None


@pytest.mark.parametrize(
    ("entity", "signal", "queries"),
    [
        (None, "p99", 4),
        (None, ("error_ratio", "p99"), 6),
        (None, ("rate", "throttled"), 3),
        (None, "memory", 1),
        (SERVICE, "error_ratio", 2),
        (GEO, "cpu", 1),
        (GEO, "rate", 0),
    ],
)
async def test_only_what_is_asked_for_is_read(old, entity, signal, queries):
    """Of each source of traffic the rate as well: it tells what there is, and weighs the error ratio."""
    window, baseline = windows(old)
    asked = []

    class Counting(PrometheusClient):
        async def query_range(self, promql, start, end, step):
            asked.append(promql)
            return await old.ctx.metrics.query_range(promql, start, end, step)

    ctx = replace(old.ctx, metrics=Counting.at("http://unused"))
    found = await golden_signals(ctx, window, baseline, entity=entity, signal=signal)
    whole = await golden_signals(old.ctx, window, baseline)
    names = (signal,) if isinstance(signal, str) else signal
    parts = {item.entity: [one for one in item.signals if one.name in names] for item in whole.entities}
    told = {item.entity: list(item.signals) for item in found.entities}
    assert {of: parts[of] for of in parts if parts[of] and entity in (None, of)} == {
        of: signals for of, signals in told.items() if signals
    }
    assert len(asked) == queries


async def test_signals_without_a_baseline_and_with_a_coarse_step(old):
    window, _ = windows(old)
    found = await golden_signals(old.ctx, window, step=60)
    assert all(signal.baseline is None for item in found.entities for signal in item.signals)
    assert max(len(signal.series.times) for item in found.entities for signal in item.signals) <= 4


async def test_prometheus_is_away(old):
    window, baseline = windows(old)
    ctx = replace(old.ctx, metrics=PrometheusClient.at("http://prometheus", **down()))
    for result in (
        await golden_signals(ctx, window),
        await metric_query(ctx, "up", window),
        await dependencies(ctx, window, baseline),
    ):
        assert "Prometheus at http://prometheus did not answer" in result.no_data


async def test_queries_are_bounded_and_refused_by_name(old):
    window, _ = windows(old)
    found = await metric_query(old.ctx, "kube_pod_info", window, step=1, limit=3)
    assert len(found.series) == 3
    assert found.left_out > 0
    assert max(len(series.times) for series in found.series) <= MOST_POINTS + 1
    assert (await metric_query(old.ctx, "no_such_metric", window)).no_data
    with pytest.raises(RetryWithOtherArgumentsError, match=r"query: sum\("):
        await metric_query(old.ctx, "sum(", window)


async def test_the_call_graph_from_metrics(old):
    window, baseline = windows(old)
    graph = await dependencies(old.ctx, window, baseline)
    edges = {(edge.source.name, edge.target.name): edge for edge in graph.edges}
    call = edges["search", "geo"]
    assert (call.source, call.target, call.service, call.protocol) == (SEARCH, GEO, SERVICE, "http")
    assert call.now.rate == pytest.approx(call.baseline.rate, rel=0.3)
    assert 0 < call.now.seconds < 1
    assert 0 <= call.now.error_ratio < 0.05
    assert edges["geo", "mongodb-geo"].protocol == "mongodb"
    assert [edge.target.name for edge in graph.edges if edge.source.kind == "Ingress"] == ["frontend"]


async def test_the_call_graph_from_traces_alone(old):
    window, _ = windows(old)
    graph = await dependencies(replace(old.ctx, metrics=None), window)
    edges = {(edge.source, edge.target): edge for edge in graph.edges}
    assert edges[SEARCH, GEO].now is None
    assert edges[SEARCH, GEO].protocol == "traced"
    assert graph.no_data == "no Prometheus is configured"


async def test_a_service_that_selects_nothing_is_where_the_edge_ends(make_lab):
    lab = make_lab()
    lab.run(60)
    await lab.other().patch(SERVICE, {"spec": {"selector": {"app": "nobody"}}}, "merge")
    lab.run(60)
    now = lab.world.now
    graph = await dependencies(lab.ctx, Window(start=now - 60, end=now))
    (edge,) = [edge for edge in graph.edges if edge.service == SERVICE and edge.source == SEARCH]
    assert edge.target == SERVICE
    assert edge.now.error_ratio > 0.3
    assert sum(edge.now.error_types.values()) == pytest.approx(edge.now.error_ratio)


async def test_traces(old):
    window, baseline = windows(old)
    found = await trace_breakdown(old.ctx, window, baseline)
    assert found.no_data is None
    assert found.traces > 0
    assert found.baseline_traces > 0
    geo = next(item for item in found.operations if item.service == "geo" and item.now)
    assert 0 < geo.now.self_p50 <= geo.now.p50 <= geo.now.p99
    assert any(gap.caller == "search" and gap.callee == "geo" for gap in found.gaps)
    assert len(found.slow_traces) <= 5
    one = await trace_breakdown(old.ctx, window, service="geo")
    assert 0 < one.traces <= found.traces
    assert all(item.baseline is None for item in one.operations)


async def test_traces_are_missing(old):
    window, _ = windows(old)
    future = Window(start=window.end + 100, end=window.end + 200)
    assert "no trace was recorded" in (await trace_breakdown(old.ctx, future)).no_data
    ctx = replace(old.ctx, traces=JaegerClient.at("http://jaeger", **down()))
    assert "Jaeger at http://jaeger did not answer" in (await trace_breakdown(ctx, window)).no_data
    assert "Jaeger at http://jaeger did not answer" in (await dependencies(ctx, window)).no_data


async def test_logs(old):
    window, baseline = windows(old)
    found = await logs_by_template(old.ctx, GEO, window, baseline)
    assert found.no_data is None
    assert found.lines == sum(item.count for item in found.templates) > 0
    assert found.baseline_lines > 0
    assert all(item.last_at <= window.end for item in found.templates)
    alone = await logs_by_template(old.ctx, GEO, window)
    assert all(item.baseline_count is None for item in alone.templates)
    none = await logs_by_template(old.ctx, Entity(kind="Deployment", namespace="hotel", name="gone"), window)
    assert none.no_data == "there is no pod of Deployment/hotel/gone"
    other = await logs_by_template(old.ctx, GEO, window, container="nope")
    assert other.templates == ()


def test_log_lines():
    pod = Entity(kind="Pod", namespace="a", name="b")
    text = (
        "cut off at the start\n"
        "2026-01-01T00:00:00.123456789Z panic: boom password=hunter2\n"
        "    at main.go:1\n"
        "2026-01-01T00:00:01Z \n"
        "2026-01-01T00:00:02+00:00 done\n"
        "2026-01-01T00:00:03.00001Z failed: java.io.IOException: x\n"
        "2026-01-01T00:00:03.00002Z \tat a.B.c(B.java:1)\n"
        "2026-01-01T00:00:03.00003Z Caused by: java.lang.Error: y\n"
    )
    lines = parse_log(text, pod)
    trace = "failed: java.io.IOException: x\n\tat a.B.c(B.java:1)\nCaused by: java.lang.Error: y"
    assert [line.message for line in lines] == ["panic: boom password=[redacted]\n    at main.go:1", "", "done", trace]
    assert [round(line.time - lines[0].time, 3) for line in lines] == [0, 0.877, 1.877, 2.877]
    assert parse_log("", pod) == []


def test_a_very_long_line_is_cut_between_two_words() -> None:
    pod = Entity(kind="Pod", namespace="hotel", name="geo-1")
    token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLWhlcmU"
    (line,) = parse_log(f"2026-01-02T03:04:05Z {'word ' * 795}{token} and more", pod)
    assert line.message == "word " * 794 + "word…"
    (line,) = parse_log(f"2026-01-02T03:04:05Z {'x' * 1_000_000}", pod)
    assert len(line.message) == MOST_LINE + 1


async def test_what_goes_on_inside_of_workloads_and_nodes(old):
    window, baseline = windows(old)
    found = await inner_readings(old.ctx, window, baseline)
    assert found.no_data is None
    known = {(one.entity, one.signal): one for one in found.readings}
    assert known[GEO, "files"].value == pytest.approx(known[GEO, "files"].baseline, rel=0.5)
    assert 0 < known[GEO, "memory_share"].value < 1
    nodes = {entity.name for entity, signal in known if signal == "node_cpu"}
    assert nodes == {item["metadata"]["name"] for item in await old.ctx.kube.list("Node")}


async def test_one_inner_signal_of_one_workload(old):
    window, baseline = windows(old)
    found = await inner_readings(old.ctx, window, baseline, entity=GEO, signal="cpu")
    (one,) = found.readings
    assert (one.entity, one.signal, one.unit) == (GEO, "cpu", "cores")
    assert one.series.times[0] >= baseline.start
    with pytest.raises(RetryWithOtherArgumentsError):
        await inner_readings(old.ctx, window, signal="mood")
