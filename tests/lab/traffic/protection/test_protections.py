"""Pools, breakers and retry budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aiops.lab.apps.calling import Backoff
from aiops.lab.traffic.callgraph.graph import OUTCOMES, UNANSWERED
from aiops.lab.traffic.protection.breakers import CLOSED, OPEN
from aiops.lab.traffic.solving.retries import pauses
from tests.support.small_apps import small
from tests.support.traffic import break_port, calls, failing, mend_port, requests_to, set_rate


def test_a_pool_that_is_too_small_fails_requests_while_the_store_is_idle(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(
        small(
            back={"pools": {"STORE_ADDR": {"size": 2, "wait_timeout": 0.2}}},
            store={"route": {"wait_ms": 200}},
            rate=80,
        )
    )
    assert failing(cluster, 120) > 0.3
    pools, flow = cluster.traffic.engine.protections.pools, cluster.traffic.flow
    assert (pools.in_use <= pools.size).all()
    assert np.allclose(pools.in_use, 2.0, rtol=0.1)
    assert (pools.timeouts > 10).all()
    assert (flow.call_unanswered[UNANSWERED.index("pool_timeout"), calls(cluster, "store")] > 0.3).all()
    seen = cluster.traffic.attempts.values[calls(cluster, "store"), OUTCOMES.index("pool_timeout"), -2]
    assert (seen > 10).all()


def test_a_pool_of_the_right_size_is_not_felt(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(back={"pools": {"STORE_ADDR": {"size": 20}}}))
    cluster.run(30)
    assert failing(cluster, 60) < 0.002
    pools = cluster.traffic.engine.protections.pools
    assert pools.unpooled.max() < 1e-6
    assert ((pools.open >= 2) & (pools.open <= pools.size)).all()


BREAKER = {"breaker": {"failure_ratio": 0.5, "least_requests": 10, "open_seconds": 20, "probes": 3}}


def test_a_breaker_opens_spares_its_callee_and_closes_again(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(call=BREAKER, back={"route": {"error_ratio": 0.9}}, rate=60))
    cluster.run(15)
    breakers = cluster.traffic.engine.protections.breakers
    asked = []
    for _ in range(8):
        cluster.run(5)
        asked.append(requests_to(cluster, "back"))
    assert (breakers.opened >= 1).all()
    assert min(asked) == 0.0
    assert sum(asked) < 8 * 60 * 5 / 3


def test_a_breaker_that_opened_closes_when_its_callee_is_well(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(call=BREAKER, rate=60))
    cluster.run(30)
    break_port(cluster, "back")
    cluster.run(15)
    breakers = cluster.traffic.engine.protections.breakers
    assert (breakers.state == OPEN).all()
    assert failing(cluster, 5) > 0.99
    mend_port(cluster, "back", "http")
    cluster.run(40)
    assert (breakers.state == CLOSED).all()
    assert failing(cluster, 30) < 0.01


def test_failures_in_a_row_open_a_breaker(make_cluster: Callable[..., Any]) -> None:
    breaker = {"breaker": {"failure_ratio": 1.0, "least_requests": 10**6, "consecutive": 5}}
    cluster = make_cluster(small(call=breaker, rate=60))
    cluster.run(30)
    assert (cluster.traffic.engine.protections.breakers.state == CLOSED).all()
    break_port(cluster, "back")
    cluster.run(10)
    assert (cluster.traffic.engine.protections.breakers.state == OPEN).all()


@pytest.mark.parametrize("ratio", [0.1, 0.5])
def test_a_budget_bounds_what_retries_add(make_cluster: Callable[..., Any], ratio: float) -> None:
    budget = {"ratio": ratio, "per_second": 0.1, "window_seconds": 10}
    cluster = make_cluster(small(call={"retries": 3, "budget": budget}, rate=60))
    cluster.run(30)
    break_port(cluster, "back")
    cluster.run(60)
    flow, found = cluster.traffic.flow, calls(cluster, "back")
    made, first = 0.0, 0.0
    for _ in range(12):
        cluster.run(5)
        made += float(flow.attempts[found].sum())
        first += float((flow.attempts[found] / flow.tries[found]).sum())
    assert made / first < 1.0 + ratio + 0.1
    assert made / first > 1.0 + ratio / 2


def test_without_a_budget_every_retry_is_sent(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(call={"retries": 3}, rate=60))
    cluster.run(30)
    set_rate(cluster, 60)
    break_port(cluster, "back")
    cluster.run(10)
    found = calls(cluster, "back")
    assert np.allclose(cluster.traffic.flow.tries[found], 4.0)


def test_pauses_grow_up_to_the_longest() -> None:
    plain = Backoff(base_seconds=1.0, factor=2.0, longest_seconds=3.0, jitter=0.0)
    assert [pauses(plain, n) for n in (1, 2, 3)] == [1.0, 3.0, 6.0]
    assert pauses(plain.model_copy(update={"jitter": 1.0}), 2) == 1.5
    assert pauses(None, 3) == 0.0


def test_pauses_make_failures_last_longer(make_cluster: Callable[..., Any]) -> None:
    seconds = []
    for backoff in (None, {"base_seconds": 0.2, "jitter": 0.0}):
        cluster = make_cluster(small(call={"retries": 2, "backoff": backoff}))
        cluster.run(30)
        break_port(cluster, "back")
        cluster.run(30)
        seconds.append(float(cluster.traffic.flow.done[3, calls(cluster, "back")].mean()))
    assert 0.55 < seconds[1] - seconds[0] < 0.65
