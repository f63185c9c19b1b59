"""Overload that outlives its trigger: retries keep it up until load is shed (N. Bronson et al., "Metastable failures in
distributed systems", HotOS 2021)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.small_apps import small
from tests.support.traffic import failing, requests_to, set_rate

CALM, SURGE, SHED = 60.0, 160.0, 6.0
IMPATIENT = {"timeout": 0.5, "retries": 3}
SLOW = {"concurrency": 60, "route": {"cpu_ms": 20}}


def test_a_retry_storm_stays_after_its_trigger_and_ends_when_load_is_shed(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(call=IMPATIENT, back=SLOW, rate=CALM))
    cluster.run(60)
    assert failing(cluster, 60) < 0.01
    set_rate(cluster, SURGE)
    cluster.run(60)
    set_rate(cluster, CALM)
    cluster.run(30)
    assert failing(cluster, 120) > 0.4
    assert requests_to(cluster, "back") > 2 * CALM * 5
    set_rate(cluster, SHED)
    cluster.run(30)
    set_rate(cluster, CALM)
    cluster.run(30)
    assert failing(cluster, 60) < 0.01


def test_a_retry_budget_lets_the_overload_end_by_itself(make_cluster: Callable[..., Any]) -> None:
    careful = {**IMPATIENT, "budget": {"ratio": 0.1, "per_second": 0.5}}
    cluster = make_cluster(small(call=careful, back=SLOW, rate=CALM))
    cluster.run(60)
    set_rate(cluster, SURGE)
    cluster.run(60)
    set_rate(cluster, CALM)
    cluster.run(60)
    assert failing(cluster, 60) < 0.05


def test_users_who_try_again_keep_an_overload_up_for_longer(make_cluster: Callable[..., Any]) -> None:
    lost = []
    for impatience in (0.0, 0.9):
        cluster = make_cluster(small(call={"timeout": 0.5}, back=SLOW, rate=90.0, impatience=impatience))
        cluster.run(60)
        set_rate(cluster, SURGE)
        cluster.run(60)
        set_rate(cluster, 90.0)
        before = cluster.traffic.users.failed
        cluster.run(60)
        lost.append(cluster.traffic.users.failed - before)
    assert lost[1] > lost[0] + 100
