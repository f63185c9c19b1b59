from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aiops.lab.traffic.compute.cpu import crowding, fair_shares
from tests.support.small_apps import small
from tests.support.traffic import failing, rows, set_rate

AMOUNTS = arrays(np.float64, 6, elements=st.floats(0.0, 10.0))
WEIGHTS = arrays(np.float64, 6, elements=st.floats(0.002, 4.0))


@given(wanted=AMOUNTS, weight=WEIGHTS, free=arrays(np.float64, 2, elements=st.floats(0.1, 20.0)))
def test_shares_of_a_full_node_are_fair(wanted: Any, weight: Any, free: Any) -> None:
    node = np.array([0, 0, 0, 0, 1, 1])
    got = fair_shares(wanted, weight, node, free)
    assert (got <= wanted + 1e-9).all()
    assert (got >= 0).all()
    total = np.bincount(node, weights=got)
    assert (total <= free + 1e-9).all()
    asked = np.bincount(node, weights=wanted)
    assert (total >= np.minimum(asked, free) * 0.95).all()


def test_who_requested_more_gets_more_of_a_full_node() -> None:
    wanted, weight = np.array([4.0, 4.0, 0.5]), np.array([3.0, 1.0, 1.0])
    got = fair_shares(wanted, weight, np.zeros(3, dtype=np.int64), np.array([4.0]))
    assert np.isclose(got[2], 0.5)
    assert np.isclose(got[0], 3 * got[1])
    assert np.isclose(got.sum(), 4.0)


def test_a_queue_for_workers_makes_requests_wait_before_any_is_rejected(make_cluster: Callable[..., Any]) -> None:
    """20 requests in 100 ms each are 200 a second for 20 workers; in bursts some have to wait."""
    rejected, waited = [], []
    for length in (0, 200):
        back = {"concurrency": 4, "queue_length": length, "route": {"cpu_ms": 1, "wait_ms": 100}}
        cluster = make_cluster(small(back=back, rate=60, call={"timeout": 3.0}))
        cluster.run(30)
        state = cluster.traffic.resources.state
        rejected.append(failing(cluster, 60))
        waited.append(float(state.worker_wait[rows(cluster, "back")].max()))
    assert rejected[0] > 0.002
    assert rejected[1] < rejected[0]
    assert waited[1] > waited[0] == 0.0


def test_a_queue_that_is_full_rejects(make_cluster: Callable[..., Any]) -> None:
    back = {"concurrency": 4, "queue_length": 20, "route": {"cpu_ms": 1, "wait_ms": 100}}
    cluster = make_cluster(small(back=back, rate=150, call={"timeout": 3.0}))
    cluster.run(30)
    assert 0.3 < failing(cluster, 60) < 0.6
    state, needs = cluster.traffic.resources.state, cluster.traffic.resources.needs
    assert (state.queued <= needs.queue_length + 1e-9).all()
    assert (state.in_flight <= needs.concurrency + 1e-9).all()
    assert state.queued.max() > 10


def test_a_start_takes_longer_with_little_cpu(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(back={"startup_cpu_seconds": 10.0, "startup_seconds": 2.0}))
    started = []
    for limit in (1.0, 0.25):
        cluster.restart("back-0", cpu_limit=limit)
        start = cluster.now
        cluster.run(5)
        while not any(p.pod == "back-0" for p in cluster.traffic.listening()):
            cluster.run(5)
        started.append(cluster.now - start)
    assert 10 <= started[0] <= 20
    assert 40 <= started[1] <= 55


def test_neighbours_are_felt_before_a_node_is_full() -> None:
    slower = crowding(np.array([0.0, 0.3, 0.5, 0.75, 1.0]))
    assert slower[:3].tolist() == [1.0, 1.0, 1.0]
    assert 1.1 < slower[3] < slower[4] < 1.5


def test_a_full_node_slows_those_on_it(make_cluster: Callable[..., Any]) -> None:
    limits = {"resources": {"cpu_limit": "8", "cpu_request": "100m"}}
    cluster = make_cluster(
        small(back={"route": {"cpu_ms": 40}}, workloads={"back": {"replicas": 1, **limits}}, rate=20)
    )
    cluster.run(60)
    calm = cluster.traffic.resources.node_utilisation.max()
    set_rate(cluster, 400)
    cluster.run(60)
    resources = cluster.traffic.resources
    assert resources.node_utilisation.max() > 0.9 > calm
    assert (resources.node_utilisation <= 1.0).all()
    assert failing(cluster, 20) > 0.3
