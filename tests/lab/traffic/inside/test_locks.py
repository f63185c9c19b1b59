from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aiops.lab.traffic.callgraph.graph import OUTCOMES, STATUSES
from tests.support.small_apps import small
from tests.support.traffic import calls, failing, rows

LOCKED = STATUSES.index(423)


def locked(**lock: Any) -> dict[str, Any]:
    return {"route": {"cpu_ms": 0.2, "locks": [{"name": "rows", **lock}]}}


def test_a_lock_that_is_held_too_long_fails_requests_of_an_idle_store(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(store=locked(hold_ms=40, timeout=0.5), fetch={"timeout": 2.0}, rate=50))
    assert failing(cluster, 120) > 0.3
    state, flow = cluster.traffic.resources.state, cluster.traffic.flow
    assert state.utilisation[rows(cluster, "store")].max() < 0.2
    locks = cluster.traffic.engine.locks
    assert locks.load.max() > 1.5
    store = [i for i, p in enumerate(flow.graph.process) if int(p) in rows(cluster, "store") and i]
    assert flow.statuses[LOCKED, store].min() > 0.9
    seen = cluster.traffic.attempts.values[calls(cluster, "store"), OUTCOMES.index("423"), -2]
    assert (seen > 10).all()


def test_many_rows_share_the_load(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(store=locked(hold_ms=40, timeout=0.5, rows=50), fetch={"timeout": 2.0}, rate=50))
    cluster.run(30)
    assert failing(cluster, 60) < 0.01


def test_a_slow_holder_makes_a_convoy(make_cluster: Callable[..., Any]) -> None:
    """A holder that waits for the CPU keeps its lock: with half of the CPU the lock is busier for the same requests."""
    cluster = make_cluster(small(store=locked(hold_ms=5, timeout=5.0) | {"idle_cpu": 0.01}, rate=50))
    cluster.run(60)
    locks = cluster.traffic.engine.locks
    before, waited = float(locks.load.max()), float(locks.waiting.max())
    cluster.restart("store-0", cpu_limit=0.02)
    cluster.run(40)
    assert locks.load.max() > 2 * before
    assert locks.waiting.max() > 5 * waited
    assert np.isfinite(locks.waiting).all()
