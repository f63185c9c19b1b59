from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.traffic.processes.process import split_address


@pytest.fixture
def cluster(plain_cluster: Any) -> Any:
    plain_cluster.run(60)
    return plain_cluster


def _logs(cluster: Any, pod: str) -> str:
    return "\n".join(line for _, line in cluster.traffic.runtime.logs(cluster.container(pod), None, None))


def test_processes_run_and_listen(cluster: Any) -> None:
    runtime = cluster.traffic.runtime
    assert len(runtime.running()) == sum(w.replicas for w in cluster.application.workloads.values())
    assert runtime.status(cluster.container("geo-0")).running
    assert {p.pod for p in cluster.traffic.listening()} >= {"geo-0", "mongodb-geo-0", "ingress-nginx-controller-1"}


def test_an_unknown_container_has_ended(cluster: Any) -> None:
    status = cluster.traffic.runtime.status("gone")
    assert not status.running
    assert cluster.traffic.runtime.logs("gone", None, None) == []


@pytest.mark.parametrize(("value", "text"), [("", "required"), ("geo", "not host:port"), ("geo:0", "not host:port")])
def test_a_bad_setting_ends_the_process_at_its_start(cluster: Any, value: str, text: str) -> None:
    cluster.restart("search-0", env={"GEO_ADDR": value})
    status = cluster.traffic.runtime.status(cluster.container("search-0"))
    assert status.running
    cluster.now += 1
    status = cluster.traffic.runtime.status(cluster.container("search-0"))
    assert (status.running, status.exit_code, status.reason) == (False, 1, "Error")
    assert "GEO_ADDR" in _logs(cluster, "search-0")
    assert text in _logs(cluster, "search-0")


def test_a_store_without_its_password_does_not_start(cluster: Any) -> None:
    cluster.restart("mongodb-geo-0", env={"MONGO_INITDB_ROOT_PASSWORD": ""})
    cluster.now += 1
    assert cluster.traffic.runtime.status(cluster.container("mongodb-geo-0")).exit_code == 1


def test_the_log_of_a_stopped_container_is_kept(cluster: Any) -> None:
    old = cluster.container("geo-0")
    before = cluster.traffic.runtime.logs(old, None, None)
    cluster.restart("geo-0")
    assert before
    assert cluster.traffic.runtime.logs(old, None, None) == before
    assert cluster.container("geo-0") != old


def test_logs_are_in_order_and_can_be_cut(cluster: Any) -> None:
    runtime, container = cluster.traffic.runtime, cluster.container("frontend-0")
    lines = runtime.logs(container, None, None)
    times = [moment for moment, _ in lines]
    assert times == sorted(times)
    assert max(times) <= cluster.now
    assert runtime.logs(container, None, 2) == lines[-2:]
    assert runtime.logs(container, None, 0) == []
    assert runtime.logs(container, times[1], None) == lines[1:]


PROBES: list[tuple[str, dict[str, Any], str | None]] = [
    ("geo-0", {"httpGet": {"path": "/healthz", "port": "http"}}, None),
    ("geo-0", {"httpGet": {"path": "/nearby", "port": 8083}}, None),
    ("geo-0", {"httpGet": {"path": "/nope", "port": 8083}}, "HTTP probe failed with statuscode: 404"),
    (
        "geo-0",
        {"httpGet": {"path": "/healthz", "port": 8083, "scheme": "HTTPS"}},
        "server gave HTTP response to HTTPS client",
    ),
    ("geo-0", {"httpGet": {"path": "/healthz", "port": 80}}, "connect: connection refused"),
    ("geo-0", {"httpGet": {"path": "/healthz", "port": "gone"}}, "connect: connection refused"),
    ("geo-0", {"tcpSocket": {"port": 8083}}, None),
    ("geo-0", {"tcpSocket": {"port": 8084}}, ":8084: connect: connection refused"),
    ("geo-0", {"grpc": {"port": 8084}}, "failed to connect service"),
    ("geo-0", {"grpc": {"port": 8083}}, None),
    ("geo-0", {"exec": {"command": ["true"]}}, None),
    ("mongodb-geo-0", {"httpGet": {"path": "/", "port": 27017}}, "EOF"),
]


@pytest.mark.parametrize(("pod", "probe", "message"), PROBES)
def test_probes(cluster: Any, pod: str, probe: dict[str, Any], message: str | None) -> None:
    found = cluster.traffic.runtime.probe(cluster.container(pod), probe)
    assert found == message or (message is not None and message in str(found))


def test_a_process_that_starts_does_not_listen_yet(cluster: Any) -> None:
    cluster.restart("profile-0")
    probe = {"tcpSocket": {"port": 8081}}
    assert cluster.traffic.runtime.probe(cluster.container("profile-0"), probe) is not None
    own = {"exec": {"command": ["/bin/grpc_health_probe"]}}
    assert cluster.traffic.runtime.probe(cluster.container("profile-0"), own) is not None
    assert cluster.traffic.runtime.probe(cluster.container("profile-0"), {"exec": {"command": ["true"]}}) is None
    cluster.now += 9
    assert cluster.traffic.runtime.probe(cluster.container("profile-0"), probe) is None


def test_a_process_that_has_no_time_fails_its_probe(cluster: Any) -> None:
    processes = cluster.traffic.resources.processes
    row = next(row for row, process in enumerate(processes) if process.pod == "geo-0")
    cluster.traffic.resources.state.waiting[row] = 3.0
    probe = {"httpGet": {"path": "/healthz", "port": 8083}, "timeoutSeconds": 2}
    assert "Client.Timeout exceeded" in str(cluster.traffic.runtime.probe(cluster.container("geo-0"), probe))


def test_a_probe_of_nothing_fails(cluster: Any) -> None:
    assert cluster.traffic.runtime.probe("gone", {"tcpSocket": {"port": 1}}) == "container is not running"


@given(st.text(max_size=30))
def test_an_address_has_a_host_and_a_port_or_is_none(text: str) -> None:
    found = split_address(text)
    if found is not None:
        host, port = found
        assert host
        assert 0 < port < 65536
        assert text.startswith(f"{host}:")
