from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.small_apps import small
from tests.support.traffic import failing, rows

SLOW = {"route": {"cpu_ms": 0.5, "wait_ms": 200}}


def test_a_store_takes_only_so_many_connections(make_cluster: Callable[..., Any]) -> None:
    """50 requests a second of 200 ms hold 10 connections."""
    lost = []
    for most in (0, 100, 5):
        cluster = make_cluster(small(store={"max_connections": most, **SLOW}))
        cluster.run(30)
        lost.append(failing(cluster, 60))
    assert lost[0] < 0.002
    assert lost[1] < 0.002
    assert 0.2 < lost[2] < 0.8
    connections = cluster.traffic.engine.connections
    assert (connections.open[rows(cluster, "store")] <= 5).all()


def test_pools_hold_connections_that_nobody_needs(make_cluster: Callable[..., Any]) -> None:
    pool = {"pools": {"STORE_ADDR": {"size": 20, "idle": 8}}}
    cluster = make_cluster(small(store={"max_connections": 12}, back=pool))
    cluster.run(60)
    connections = cluster.traffic.engine.connections
    store = rows(cluster, "store")
    assert np.allclose(connections.open[store], 12)
    assert (connections.refused[store] > 0.2).all()
