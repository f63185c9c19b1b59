"""Traces of the running application agree with its metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.lab.jaeger.store import Trace


@pytest.fixture
def cluster(plain_cluster: Any) -> Any:
    plain_cluster.run(60)
    return plain_cluster


def _traces(cluster: Any, since: float = 0.0) -> list[Trace]:
    return [trace for trace in cluster.traffic.traces.newest(1e12) if trace.start >= since]


def test_spans_form_trees_inside_their_parents(cluster: Any) -> None:
    cluster.run(120)
    traces = _traces(cluster, cluster.now - 100)
    assert len(traces) > 20
    for trace in traces:
        by_id = {span.span_id: span for span in trace.spans}
        assert len(by_id) == len(trace.spans)
        roots = [span for span in trace.spans if not span.parent]
        assert [root.service for root in roots] == ["frontend"]
        for span in trace.spans:
            if span.parent:
                parent = by_id[span.parent]
                assert span.start >= parent.start - 1e-3  # clocks of nodes differ
                if parent.tags["span.kind"] == "server":
                    assert span.start + span.duration <= parent.start + parent.duration + 1e-3


def test_clients_and_servers_alternate(cluster: Any) -> None:
    cluster.run(60)
    for trace in _traces(cluster):
        by_id = {span.span_id: span for span in trace.spans}
        for span in trace.spans:
            if span.tags["span.kind"] == "server" and span.parent:
                assert by_id[span.parent].tags["span.kind"] == "client"
                assert by_id[span.parent].service != span.service


def test_stores_appear_as_calls_of_their_clients_only(cluster: Any) -> None:
    cluster.run(60)
    spans = [span for trace in _traces(cluster) for span in trace.spans]
    assert {span.service for span in spans}.isdisjoint({"mongodb", "memcached", "ingress-nginx"})
    assert any(span.tags.get("db.system.name") == "mongodb" for span in spans)


def test_errors_are_marked_on_the_way_up(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    cluster.run(60)
    traces = [t for t in _traces(cluster, cluster.now - 50) if any(s.service == "search" for s in t.spans)]
    assert traces
    for trace in traces:
        root = next(span for span in trace.spans if not span.parent)
        assert root.error
        assert root.tags["http.response.status_code"] == "503"
        refused = [s for s in trace.spans if s.tags.get("error.type") == "connection_refused"]
        assert {span.tags["server.address"] for span in refused} == {"geo"}
        assert len(refused) == 2  # the call and its retry
        assert not any(span.service == "geo" for span in trace.spans)


def test_a_timeout_lasts_as_long_as_the_client_waits(cluster: Any) -> None:
    for pod in ("search-0", "search-1"):
        cluster.restart(pod, env={"GEO_ADDR": "192.0.2.1:8083"})
    cluster.run(60)
    spans = [s for t in _traces(cluster, cluster.now - 50) for s in t.spans]
    late = [s for s in spans if s.tags.get("error.type") == "timeout" and s.tags["server.address"] == "192.0.2.1"]
    assert late
    assert all(span.duration == pytest.approx(1.0) for span in late)


def test_latencies_agree_with_the_metrics(cluster: Any) -> None:
    cluster.run(900)
    flow = cluster.traffic.flow
    spans = [s for t in _traces(cluster, cluster.now - 800) for s in t.spans]
    for method, path in (("GET", "/hotels"), ("POST", "/nearby"), ("POST", "/check")):
        mine = [
            s.duration for s in spans if s.tags.get("http.route") == path and s.tags["http.request.method"] == method
        ]
        rows = [
            i
            for i, h in enumerate(flow.graph.handlers)
            if h.path == path and h.method == method and not h.ingress and flow.requests[i] > 0
        ]
        assert len(mine) > 20
        assert 0.75 < float(np.mean(mine)) / float(flow.ok_mean[rows].mean()) < 1.3
