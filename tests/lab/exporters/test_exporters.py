from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aiops.lab.apps import Application
from aiops.lab.prometheus import RuleEngine, load_rules
from aiops.lab.promql import Engine, InstantVector
from tests.lab.exporters.reading import current, last, select


def _warm(cluster: Any) -> Any:
    cluster.run(300)
    while cluster.now % 15:
        cluster.run(5)
    return cluster


@pytest.fixture
def cluster(plain_cluster: Any) -> Any:
    """After five minutes, at a scrape."""
    return _warm(plain_cluster)


@pytest.fixture(scope="module")
def quiet(make_cluster: Callable[..., Any], hotel: Application) -> Any:
    """The same, for tests that only read."""
    return _warm(make_cluster(hotel))


NAMES = (
    "up",
    "http_server_request_duration_seconds_bucket",
    "http_client_request_duration_seconds_count",
    "db_client_operation_duration_seconds_sum",
    "nginx_ingress_controller_requests",
    "nginx_ingress_controller_request_duration_seconds_bucket",
    "kube_pod_info",
    "kube_pod_status_phase",
    "kube_pod_status_ready",
    "kube_pod_container_resource_limits",
    "kube_deployment_spec_replicas",
    "kube_endpoint_address",
    "kube_service_info",
    "kube_node_info",
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "container_spec_memory_limit_bytes",
    "container_cpu_cfs_throttled_periods_total",
    "container_oom_events_total",
    "container_network_receive_bytes_total",
    "node_cpu_seconds_total",
    "node_memory_MemAvailable_bytes",
    "node_load1",
    "nginx_ingress_controller_ssl_expire_time_seconds",
    "probe_success",
    "probe_duration_seconds",
    "probe_http_status_code",
    "probe_ssl_earliest_cert_expiry",
    "apiserver_request_total",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_public_names_are_there(quiet: Any, name: str) -> None:
    assert select(quiet, name)


def test_no_sample_is_negative_or_no_number(quiet: Any) -> None:
    for series in quiet.store.select([], 0, 1e12):
        assert np.isfinite(series.values).all(), series.labels
        assert (series.values >= 0).all(), series.labels


def test_counters_never_fall_while_a_container_lives(quiet: Any) -> None:
    for series in quiet.store.select([], 0, 1e12):
        if series.name.endswith(("_total", "_count", "_bucket", "_sum")) and "kube_" not in series.name:
            assert (np.diff(series.values) >= -1e-9).all(), series.labels


def test_counts_are_whole_and_buckets_rise(quiet: Any) -> None:
    for pod in ("frontend-0", "geo-1"):
        labels = {"pod": pod, "http_response_status_code": "200"}
        buckets = select(quiet, "http_server_request_duration_seconds_bucket", **labels)
        by_route: dict[str, list[tuple[float, float]]] = {}
        for series in buckets:
            by_route.setdefault(series.labels["http_route"], []).append(
                (float(series.labels["le"]), float(series.values[-1]))
            )
        for route, pairs in by_route.items():
            values = [value for _, value in sorted(pairs)]
            assert values == sorted(values)
            assert all(value == int(value) for value in values)
            assert len(values) == 15
            assert values[-1] == last(quiet, "http_server_request_duration_seconds_count", http_route=route, **labels)


def test_the_gateway_counts_what_users_asked(quiet: Any) -> None:
    counted = last(quiet, "nginx_ingress_controller_requests")
    same = last(quiet, "nginx_ingress_controller_request_duration_seconds_count")
    users = quiet.traffic.users
    assert counted == same
    assert abs(counted - (users.requests - users.failed)) < 0.02 * users.requests
    assert {s.labels["path"] for s in select(quiet, "nginx_ingress_controller_requests")} == {
        operation.path for operation in quiet.application.operations
    }


def test_the_labels_of_a_failed_call(cluster: Any) -> None:
    cluster.edit("Service", "geo", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    cluster.run(60)
    name = "http_client_request_duration_seconds_count"
    refused = select(cluster, name, error_type="connection_refused", service="search")
    assert refused
    assert "http_response_status_code" not in refused[0].labels
    assert refused[0].labels["server_address"] == "geo"
    assert refused[0].labels["server_port"] == "8083"
    answered = select(cluster, name, error_type="503", service="frontend", server_address="search")
    assert answered[0].labels["http_response_status_code"] == "503"


def test_stores_are_seen_through_their_clients_only(quiet: Any) -> None:
    assert not select(quiet, "http_server_request_duration_seconds_count", service="mongodb")
    found = select(quiet, "db_client_operation_duration_seconds_count", service="geo")
    assert {s.labels["db_system_name"] for s in found} == {"mongodb"}
    assert {s.labels["db_operation_name"] for s in found} == {"find"}


def test_a_restart_resets_the_counters(cluster: Any) -> None:
    before = last(cluster, "container_cpu_usage_seconds_total", pod="geo-0")
    cluster.restart("geo-0")
    cluster.run(30)
    assert 0 < last(cluster, "container_cpu_usage_seconds_total", pod="geo-0") < before / 2
    count = select(cluster, "http_server_request_duration_seconds_count", pod="geo-0", http_response_status_code="200")
    assert (np.diff(count[0].values) < 0).any()


def test_a_process_that_is_down_is_not_scraped(cluster: Any) -> None:
    for _ in range(3):
        cluster.restart("profile-0")
        cluster.run(5)
    assert last(cluster, "up", pod="profile-0") == 0.0
    assert last(cluster, "up", pod="profile-1") == 1.0
    assert last(cluster, "scrape_samples_scraped", pod="profile-0") == 0.0
    assert not current(cluster, "http_server_request_duration_seconds_count", pod="profile-0")


def test_out_of_memory_kills_are_counted(cluster: Any) -> None:
    assert last(cluster, "container_oom_events_total", pod="geo-0") == 0.0
    cluster.restart("geo-0", memory_limit=10 * 2**20)
    cluster.run(30)
    assert last(cluster, "container_oom_events_total", pod="geo-0") == 1.0


def test_node_figures_add_up(quiet: Any) -> None:
    for node in quiet.application.nodes:
        seconds = last(quiet, "node_cpu_seconds_total", node=node.name)
        assert 0 < seconds <= (quiet.now - 1_780_000_000.0) * node.cpu + 1e-6
        total = last(quiet, "node_memory_MemTotal_bytes", node=node.name)
        assert 0 < last(quiet, "node_memory_MemAvailable_bytes", node=node.name) < total == node.memory


def test_queries_find_the_golden_signals(quiet: Any) -> None:
    engine = Engine(quiet.store)
    text = "sum(rate(nginx_ingress_controller_requests[2m]))"
    rate = engine.instant(text, quiet.now)
    assert isinstance(rate, InstantVector)
    assert abs(float(rate.samples[0][1]) - quiet.application.rate) < 0.4 * quiet.application.rate


def test_no_alert_in_normal_operation(plain_cluster: Any) -> None:
    rules = RuleEngine(load_rules(plain_cluster.application.alert_rules), plain_cluster.store)
    plain_cluster.run(300)
    for _ in range(60):
        plain_cluster.run(15)
        rules.evaluate(plain_cluster.now)
        assert [(a.rule.alert, a.labels) for a in rules.alerts() if a.state == "firing"] == []


def test_broken_users_raise_an_alert_within_two_minutes(plain_cluster: Any) -> None:
    rules = RuleEngine(load_rules(plain_cluster.application.alert_rules), plain_cluster.store)
    plain_cluster.run(300)
    plain_cluster.edit("Service", "review", lambda s: s["spec"]["ports"][0].update(targetPort=9999))
    for _ in range(8):
        plain_cluster.run(15)
        rules.evaluate(plain_cluster.now)
    assert "UserErrorRatioHigh" in {a.rule.alert for a in rules.alerts() if a.state == "firing"}


def test_nothing_names_the_machinery(quiet: Any) -> None:
    words = ("fault", "chaos", "inject", "seed", "simulat", "fake")
    for series in quiet.store.select([], 0, 1e12):
        text = " ".join([*series.labels, *series.labels.values()]).lower().replace("default", "")
        assert not any(word in text for word in words), text


def test_the_pages_that_users_open_are_probed_from_outside(quiet: Any) -> None:
    pages = {series.labels["instance"] for series in select(quiet, "probe_success", job="blackbox")}
    paths = ("hotels", "recommendations", "reviews")
    assert pages == {f"https://hotel.example.com/{path}" for path in paths}
    assert last(quiet, "probe_success") == len(pages)
    assert last(quiet, "probe_http_status_code") == 200 * len(pages)
    (ends,) = {series.values[-1] for series in select(quiet, "probe_ssl_earliest_cert_expiry")}
    gateway = select(quiet, "nginx_ingress_controller_ssl_expire_time_seconds", host="hotel.example.com")
    assert {series.values[-1] for series in gateway} == {ends}
    assert {series.labels["secret_name"] for series in gateway} == {"hotel-example-com-tls"}


def test_a_certificate_that_ended_is_seen_from_outside_and_inside(cluster: Any) -> None:
    def old(ingress: dict[str, Any]) -> None:
        ingress["spec"]["tls"][0]["secretName"] = "hotel-tls-2025"

    cluster.edit("Ingress", "hotel", old)
    cluster.run(30)
    assert last(cluster, "probe_success") == 0.0
    assert last(cluster, "probe_http_status_code") == 0.0
    assert not current(cluster, "probe_ssl_earliest_cert_expiry")
    assert last(cluster, "nginx_ingress_controller_ssl_expire_time_seconds", secret_name="hotel-tls-2025") < (
        2 * cluster.now
    )


def test_the_api_server_counts_what_programs_read(quiet: Any) -> None:
    granted = last(quiet, "apiserver_request_total", code="200", resource="configmaps", verb="GET")
    assert granted > 6 * 5
    assert last(quiet, "apiserver_request_total") > granted
    assert not select(quiet, "apiserver_request_total", code="403")
