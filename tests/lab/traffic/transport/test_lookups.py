"""What the cluster's DNS is asked, and what CoreDNS tells of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from aiops.lab.apps import Application
from tests.lab.exporters.reading import last, select


@pytest.fixture
def cluster(make_cluster: Callable[..., Any], hotel: Application) -> Any:
    made = make_cluster(hotel)
    made.run(180)
    return made


def _answers(cluster: Any, rcode: str) -> float:
    return last(cluster, "coredns_dns_responses_total", rcode=rcode)


def test_every_query_is_answered_from_the_cache_or_not(cluster: Any) -> None:
    lookups = cluster.traffic.engine.lookups
    assert lookups.asked.min() > 10
    assert lookups.found + lookups.missing == pytest.approx(2 * lookups.asked)
    assert lookups.hits + lookups.denials + lookups.misses == pytest.approx(2 * lookups.asked)
    assert (lookups.durations[:-1] <= 2 * lookups.asked + 1e-9).all()
    assert (lookups.forwarded == 0).all()


def test_both_servers_are_asked_though_not_evenly(cluster: Any) -> None:
    first, second = cluster.traffic.engine.lookups.asked
    assert first != second
    assert first == pytest.approx(second, rel=0.25)


def test_a_name_that_is_gone_is_looked_up_through_all_search_domains_and_outside(cluster: Any) -> None:
    before, asked = _answers(cluster, "NXDOMAIN"), last(cluster, "coredns_dns_requests_total", type="AAAA")
    cluster.forget("Service", "geo")
    cluster.run(60)
    assert _answers(cluster, "NXDOMAIN") > 5 * max(before, 10)
    assert last(cluster, "coredns_dns_requests_total", type="AAAA") > 2 * asked
    assert last(cluster, "coredns_forward_requests_total") > 0


def test_nobody_asks_a_dns_that_does_not_answer(cluster: Any) -> None:
    for pod in [p["metadata"]["name"] for p in cluster.objects("Pod", "kube-system") if "coredns" in str(p)]:
        cluster.halt(pod, "kube-system")
    cluster.run(60)
    assert select(cluster, "coredns_dns_requests_total")
    assert cluster.traffic.engine.lookups.keys == ()


def test_counters_begin_anew_with_the_process(cluster: Any) -> None:
    before = cluster.traffic.engine.lookups.asked.sum()
    pod = next(p["metadata"]["name"] for p in cluster.objects("Pod", "kube-system") if "coredns" in str(p))
    cluster.restart(pod, "kube-system")
    cluster.run(15)
    assert 0 < cluster.traffic.engine.lookups.asked.sum() < before


def test_the_durations_are_a_histogram(cluster: Any) -> None:
    buckets = {
        series.labels["le"]: series.values
        for series in select(cluster, "coredns_dns_request_duration_seconds_bucket")
        if series.labels["instance"] == select(cluster, "coredns_panics_total")[0].labels["instance"]
    }
    rising = [buckets[le] for le in sorted(buckets, key=float)]
    assert len(rising) == 17
    assert all((a <= b).all() for a, b in pairwise(rising))
