from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.lab.traffic.inside.popularity import zipf_classes
from tests.support.small_apps import small
from tests.support.traffic import break_port, failing, requests_to, rows

CACHE = {"keys": 2000, "entries": 2000, "ttl_seconds": 600, "skew": 0.9}
MEMORY = {
    "role": "store",
    "protocol": "memcached",
    "language": "memcached",
    "image": "registry.example.com/small/memory",
    "versions": ["1"],
    "port": 11211,
    "routes": {"get": {"cpu_ms": 0.1}},
}


@given(keys=st.integers(1, 10**7), skew=st.floats(0.0, 2.0))
def test_classes_hold_every_key_once(keys: int, skew: float) -> None:
    sizes, masses = zipf_classes(keys, skew)
    assert np.isclose(sizes.sum(), keys)
    assert np.isclose(masses.sum(), 1.0)
    assert (sizes >= 0).all()
    assert (masses >= 0).all()
    each = masses[sizes > 0] / sizes[sizes > 0]
    assert (np.diff(each) <= 1e-12).all()


def test_a_cache_spares_its_source_and_is_cold_after_a_restart(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(fetch={"cache": "things"}, back={"caches": {"things": CACHE}}, rate=60))
    cluster.run(300)
    warm = requests_to(cluster, "store")
    assert warm < 0.4 * requests_to(cluster, "back")
    for pod in ("back-0", "back-1"):
        cluster.restart(pod)
    cluster.run(10)
    assert requests_to(cluster, "store") > 2 * warm
    cluster.run(300)
    assert requests_to(cluster, "store") < 1.5 * warm


def in_a_server(**fields: Any) -> Any:
    asks = {"to": "MEMORY_ADDR", "route": "get", "timeout": 0.2, "optional": True}
    fetches = {"to": "STORE_ADDR", "route": "get", "cache": "things"}
    return small(
        back={"caches": {"things": {**CACHE, "at": "MEMORY_ADDR"}}, "route": {"calls": [[asks], [fetches]]}},
        programs={"memory": MEMORY},
        workloads={"back": {"env": {"STORE_ADDR": "store:6379", "MEMORY_ADDR": "memory:11211"}}, "memory": {}},
        **{"rate": 60, **fields},
    )


def test_a_cache_server_keeps_what_its_clients_lose_and_loses_what_they_keep(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(in_a_server())
    cluster.run(300)
    warm = requests_to(cluster, "store")
    assert warm < 0.5 * requests_to(cluster, "back")
    cluster.restart("back-0")
    cluster.run(10)
    assert requests_to(cluster, "store") < 1.5 * warm
    for pod in ("memory-0", "memory-1"):
        cluster.restart(pod)
    cluster.run(15)
    assert requests_to(cluster, "store") > 1.7 * warm


def test_without_its_server_a_cache_is_no_help_and_no_harm(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(in_a_server())
    cluster.run(120)
    break_port(cluster, "memory")
    assert failing(cluster, 20) < 0.01
    assert np.isclose(requests_to(cluster, "store"), requests_to(cluster, "back"), rtol=0.01)


def test_who_fetches_alone_spares_the_source_a_stampede(make_cluster: Callable[..., Any]) -> None:
    """All keys expire at once when the processes restart; slow fetches let everybody miss."""
    asked = []
    for alone in (False, True):
        cache = {"keys": 50, "entries": 50, "skew": 0.0, "single_flight": alone}
        cluster = make_cluster(
            small(
                fetch={"cache": "things", "timeout": 3.0},
                call={"timeout": 5.0},
                back={"caches": {"things": cache}},
                store={"route": {"wait_ms": 2000}, "concurrency": 2000},
                rate=200,
            )
        )
        cluster.run(60)
        for pod in ("back-0", "back-1"):
            cluster.restart(pod)
        cluster.run(5)
        total = 0.0
        for _ in range(6):
            cluster.run(5)
            total += requests_to(cluster, "store")
        asked.append(total)
    assert asked[1] < 0.6 * asked[0]


def test_a_store_that_fails_leaves_its_caches_cold(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(fetch={"cache": "things"}, back={"caches": {"things": CACHE}}, rate=60))
    cluster.run(30)
    break_port(cluster, "store")
    for pod in ("back-0", "back-1"):
        cluster.restart(pod)
    cluster.run(60)
    assert cluster.traffic.engine.caches.ratio.max() < 0.01
    assert failing(cluster, 10) > 0.95


@settings(max_examples=10, deadline=None)
@given(keys=st.integers(10, 10**5), entries=st.integers(1, 10**4), skew=st.floats(0.0, 1.5))
def test_no_cache_holds_more_than_it_may(
    make_cluster: Callable[..., Any], keys: int, entries: int, skew: float
) -> None:
    cache = {"keys": keys, "entries": entries, "skew": skew, "ttl_seconds": 3600}
    cluster = make_cluster(small(fetch={"cache": "things"}, back={"caches": {"things": cache}}, rate=200))
    for _ in range(6):
        cluster.run(10)
        caches = cluster.traffic.engine.caches
        assert (caches.entries <= min(entries, keys) * (1 + 1e-9)).all()
        assert ((caches.ratio >= 0) & (caches.ratio <= 1 + 1e-9)).all()
    asked = caches.hits + caches.misses
    assert (asked > 0).all()
    assert len(rows(cluster, "back")) == 2
