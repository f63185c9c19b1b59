from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import numpy as np

from aiops.lab.logs.phrases import Phrases
from aiops.lab.traffic.callgraph.graph import STATUSES
from aiops.lab.traffic.telemetry.journal import LogWriter
from aiops.lab.traffic.telemetry.snapshot import Peers, settled_of, snapshot
from aiops.lab.traffic.telemetry.statements import ACCESS_SHARE


def _lines(cluster: Any, pod: str, namespace: str = "hotel") -> list[str]:
    return [line for _, line in cluster.traffic.runtime.logs(cluster.container(pod, namespace), None, None)]


def test_services_write_access_lines_and_stores_only_slow_queries(plain_cluster: Any) -> None:
    plain_cluster.run(300)
    assert sum('"msg":"request"' in line for line in _lines(plain_cluster, "frontend-0")) > 5
    assert sum("HTTP/1.1" in line for line in _lines(plain_cluster, "ingress-nginx-controller-0", "ingress-nginx")) > 5
    assert sum("Slow query" in line for line in _lines(plain_cluster, "mongodb-geo-0")) < 5
    assert len(_lines(plain_cluster, "memcached-rate-0")) == 1


def test_a_crash_by_memory_leaves_no_line(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    plain_cluster.restart("geo-0", memory_limit=10 * 2**20)
    container = plain_cluster.container("geo-0")
    plain_cluster.run(10)
    text = "\n".join(line for _, line in plain_cluster.traffic.runtime.logs(container, None, None))
    assert plain_cluster.restarts("geo-0") > 1
    assert "memory" not in text.lower()
    assert "OOM" not in text


def test_lines_are_in_order_and_their_clocks_agree_with_their_times(plain_cluster: Any) -> None:
    plain_cluster.run(120)
    lines = plain_cluster.traffic.runtime.logs(plain_cluster.container("frontend-0"), None, None)
    times = [moment for moment, _ in lines]
    assert times == sorted(times)
    assert max(times) <= plain_cluster.now
    for moment, line in lines:
        if line.startswith("{"):
            assert abs(_seconds(json.loads(line)["ts"]) - moment) < 1e-3


def _seconds(text: str) -> float:
    return float(np.datetime64(text.removesuffix("Z")).astype("datetime64[us]").astype(np.int64)) / 1e6


def test_failed_calls_are_told_by_the_client_and_not_by_who_is_not_there(plain_cluster: Any) -> None:
    plain_cluster.run(60)
    plain_cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    plain_cluster.run(120)
    told = [line for line in _lines(plain_cluster, "search-0") if "connection refused" in line]
    assert 50 < len(told) < 400
    assert not any("refused" in line for line in _lines(plain_cluster, "geo-0"))


def test_what_repeats_itself_is_thinned_out(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    plain_cluster.edit("Service", "search", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    plain_cluster.run(60)
    container = plain_cluster.container("frontend-0")
    lines = plain_cluster.traffic.runtime.logs(container, plain_cluster.now - 50, None)
    counts = Counter(line.partition('"error"')[2] for _, line in lines if "call failed" in line)
    assert 20 < sum(counts.values()) < 200


def test_the_lines_of_a_traced_request_hold_its_trace_id(plain_cluster: Any) -> None:
    plain_cluster.run(120)
    told = {
        found[1] for line in _lines(plain_cluster, "frontend-0") if (found := re.search('"trace_id":"(.+?)"', line))
    }
    traces = list(plain_cluster.traffic.traces.newest(plain_cluster.now))
    served = {
        trace.trace_id
        for trace in traces
        for span in trace.spans
        if not span.parent and span.place.resource.attributes["k8s.pod.name"] == "frontend-0"
    }
    assert len(served) > 5
    assert served <= told
    assert len(told) > len(served)  # requests that were not sampled have ids that no backend knows


def test_a_line_reads_the_same_each_time(plain_cluster: Any) -> None:
    plain_cluster.run(60)
    assert _lines(plain_cluster, "frontend-0") == _lines(plain_cluster, "frontend-0")


def test_rates_follow_the_traffic(plain_cluster: Any) -> None:
    plain_cluster.run(600)
    served = sum(
        float(count)
        for handler, count in zip(
            plain_cluster.traffic.flow.graph.handlers, plain_cluster.traffic.flow.requests, strict=True
        )
        if plain_cluster.traffic.flow.graph.processes[handler.process].pod == "frontend-0"
    )
    lines = sum('"msg":"request"' in line for line in _lines(plain_cluster, "frontend-0"))
    expected = served / 5 * 600 * ACCESS_SHARE
    assert 0.6 * expected < lines < 3.0 * expected  # and those of traced requests


def test_a_server_says_that_it_was_told_to_end(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    runtime = plain_cluster.traffic.runtime
    container = plain_cluster.container("user-0")
    runtime.terminate(container, 0.0, 30.0)
    plain_cluster.now += 2.0
    assert "SIGTERM received" in runtime.logs(container, None, None)[-1][1]


def test_all_streams_are_known_also_of_containers_that_are_gone(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    before = plain_cluster.container("user-0")
    plain_cluster.restart("user-0")
    plain_cluster.run(10)
    streams = plain_cluster.traffic.runtime.container_logs.log_streams()
    of_user = [stream.container_id for stream in streams if stream.pod == "user-0"]
    assert of_user == [before, plain_cluster.container("user-0")]
    assert {stream.app for stream in streams if stream.pod == "user-0"} == {"user"}
    kept = plain_cluster.traffic.runtime.container_logs.written(before, 0.0, plain_cluster.now)
    assert kept
    assert kept[-1].time <= plain_cluster.now


def test_a_heap_that_is_used_up_has_last_words(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    runtime = plain_cluster.traffic.runtime
    container = plain_cluster.container("profile-0")
    [process] = [process for process in runtime.running() if process.container.id == container]
    runtime.end_for_heap(process)
    assert "java.lang.OutOfMemoryError: Java heap space" in "\n".join(_lines(plain_cluster, "profile-0"))


def test_a_virtual_machine_tells_of_its_collections(plain_cluster: Any) -> None:
    plain_cluster.run(300)
    told = [line for line in _lines(plain_cluster, "profile-0") if line.startswith("[gc] GC(")]
    collectors = plain_cluster.traffic.engine.collectors
    rows = {plain_cluster.traffic.flow.graph.processes[row].pod: n for n, row in enumerate(collectors.process.tolist())}
    collected = collectors.collections[rows["profile-0"]] if "profile-0" in rows else 0.0
    assert len(told) <= 2 * collected + 5
    assert len(told) >= min(collected, 60.0) / 3 - 5


def test_stores_tell_of_locks_and_full_disks(plain_cluster: Any) -> None:
    plain_cluster.run(30)
    traffic = plain_cluster.traffic
    flow = traffic.flow
    [row] = [
        row
        for row, handler in enumerate(flow.graph.handlers)
        if flow.graph.processes[handler.process].pod == "mongodb-geo-0" and handler.method == "find"
    ]
    flow.requests[row], flow.fails[row], flow.statuses[:, row] = 100.0, 1.0, 0.0
    flow.statuses[(STATUSES.index(423), STATUSES.index(507)), row] = 0.5
    rng = np.random.default_rng(1)
    engine = traffic.engine
    conditions = traffic.resources.conditions()
    peers: Peers = {}
    step = snapshot(
        settled_of(flow), flow, conditions, engine.brokers, engine.collectors, peers, plain_cluster.now, 5.0
    )
    LogWriter(Phrases(), traffic.runtime.container_logs.book).write(step, [], rng)
    text = "\n".join(_lines(plain_cluster, "mongodb-geo-0"))
    assert "LockTimeout" in text
    assert "No space left on device" in text
