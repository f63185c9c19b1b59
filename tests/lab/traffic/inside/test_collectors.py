from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.lab.traffic.runtime.container_runtime import HEAP_EXHAUSTED
from tests.support.small_apps import small
from tests.support.traffic import rows

MIB = 2.0**20
HEAP = {"collector": {"heap_share": 0.6, "pause_ms_per_gib": 200, "cpu_ms_per_gib": 1000}}
GARBAGE = {"route": {"allocated_bytes": 4 * MIB}}


def test_garbage_is_collected_at_a_small_price(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(back={**HEAP, **GARBAGE}))
    cluster.run(120)
    collectors = cluster.traffic.engine.collectors
    assert (collectors.collections > 1).all()
    assert (collectors.pause_seconds > 0).all()
    assert collectors.paused.max() < 0.05


def test_a_leak_first_makes_the_collector_busy_and_then_ends_the_process(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(back={**HEAP, **GARBAGE, "leak": {"bytes_per_second": 0.5 * MIB}}))
    runtime, seen = cluster.traffic.runtime, []
    codes = set()
    for _ in range(80):
        cluster.run(5)
        seen.append(float(cluster.traffic.engine.collectors.paused.max()))
        codes.add(runtime.status(cluster.container("back-0")).exit_code)
        if HEAP_EXHAUSTED in codes:
            break
    assert HEAP_EXHAUSTED in codes
    assert max(seen) > 10 * seen[5]
    assert runtime.oom_kills["hotel", "back-0", "back"] == 0


def test_without_a_collector_a_leak_ends_in_an_oom_kill(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(back={"leak": {"bytes_per_request": 0.02 * MIB}}))
    cluster.run(60)
    state = cluster.traffic.resources.state
    first = state.working_set[rows(cluster, "back")].copy()
    cluster.run(30)
    assert (state.working_set[rows(cluster, "back")] > first).all()
    cluster.run(180)
    assert cluster.traffic.runtime.oom_kills["hotel", "back-0", "back"] >= 1
