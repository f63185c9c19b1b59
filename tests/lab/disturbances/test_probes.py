"""Kubelets and pings feel what befalls packets on their way."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.world import World
from tests.support.worlds import aged

GEO = {"namespace": "hotel", "labels": {"app": "geo"}}
PROBE = {"httpGet": {"path": "/healthz", "port": 8083}, "timeoutSeconds": 1}
SOCKET = {"tcpSocket": {"port": 8083}, "timeoutSeconds": 1}
CALL = {"grpc": {"port": 8083}, "timeoutSeconds": 1}


@pytest.fixture
def world() -> World:
    return aged(120.0)


def _begin(world: World, kind: str, seconds: float = 5.0, **more: Any) -> None:
    world.disturbances.begin("one", disturbance_of({"kind": kind, "pods": GEO, **more}))
    _pass(world, seconds)


def _pass(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _container(world: World, name: str = "geo") -> str:
    return next(process.container.id for process in world.runtime.running() if process.name == name)


def _found(world: World, probe: dict[str, Any], seconds: float = 200.0) -> list[str]:
    """What a probe found at each of many moments."""
    return [world.runtime.probe(_container(world), probe) or "" for _ in world.ticks(seconds)]


def _ready(world: World) -> set[str]:
    return {
        condition["status"]
        for pod in world.cluster.objects("Pod", "hotel")
        if pod["metadata"]["labels"].get("app") == "geo"
        for condition in pod["status"]["conditions"]
        if condition["type"] == "Ready"
    }


def test_pods_that_the_kubelet_cannot_reach_are_not_ready(world: World) -> None:
    assert _ready(world) == {"True"}
    _begin(world, "network.partition", 60.0)
    told = str(world.runtime.probe(_container(world), PROBE))
    assert re.search(r"dial tcp [\d.]+:8083: i/o timeout \(Client.Timeout exceeded while awaiting headers\)", told)
    assert str(world.runtime.probe(_container(world), SOCKET)).endswith(":8083: i/o timeout")
    assert "within 1s" in str(world.runtime.probe(_container(world), CALL))
    assert _ready(world) == {"False"}
    world.disturbances.end("one")
    _pass(world, 60.0)
    assert world.runtime.probe(_container(world), PROBE) is None
    assert _ready(world) == {"True"}


def test_nobody_else_feels_it_and_what_concerns_other_peers_is_not_felt(world: World) -> None:
    _begin(world, "network.partition", peers={"namespace": "hotel", "labels": {"app": "search"}})
    assert world.runtime.probe(_container(world), PROBE) is None
    assert not world.runtime.unsound
    world.disturbances.end("one")
    _begin(world, "network.partition")
    assert world.runtime.probe(_container(world, "rate"), {"tcpSocket": {"port": 8084}}) is None


def test_a_probe_takes_two_round_trips_and_a_connection_one(world: World) -> None:
    world.disturbances.begin(
        "one", disturbance_of({"kind": "network.delay", "pods": GEO, "seconds": 0.6, "jitter_seconds": 0.001})
    )
    _pass(world, 5.0)
    told = str(world.runtime.probe(_container(world), PROBE))
    assert told.endswith("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
    assert world.runtime.probe(_container(world), SOCKET) is None
    assert world.runtime.probe(_container(world), {**PROBE, "timeoutSeconds": 3}) is None
    assert world.runtime.probe(_container(world), {"exec": {"command": ["/bin/grpc_health_probe"]}}) is None


def test_some_probes_fail_where_some_packets_are_lost(world: World) -> None:
    _begin(world, "network.loss", percent=20.0)
    found = _found(world, SOCKET)
    assert 0 < sum(map(bool, found)) < len(found)


def _ping(world: World, host: str) -> tuple[int, str]:
    network = world.runtime._present_network()
    address = next(peer.address for peer in network.peers.values() if peer.name.startswith(f"{host}-"))
    result = world.runtime.execute(_container(world, "frontend"), ["ping", "-c", "20", address])
    return result.exit_code, result.stdout


def test_pings_are_late_and_lost_like_everything_else(world: World) -> None:
    code, told = _ping(world, "geo")
    assert code == 0
    assert "20 packets transmitted, 20 received, 0% packet loss" in told
    assert float(re.findall(r"rtt .* = [\d.]+/([\d.]+)/", told)[0]) < 1.0
    world.disturbances.begin(
        "one", disturbance_of({"kind": "network.delay", "pods": GEO, "seconds": 0.25, "jitter_seconds": 0.05})
    )
    late = re.findall(r"rtt .* = [\d.]+/([\d.]+)/[\d.]+/([\d.]+) ms", _ping(world, "geo")[1])[0]
    assert float(late[0]) == pytest.approx(250, rel=0.3)
    assert float(late[1]) == pytest.approx(50, rel=0.6)
    assert float(re.findall(r"rtt .* = [\d.]+/([\d.]+)/", _ping(world, "rate")[1])[0]) < 1.0
    world.disturbances.end("one")
    _begin(world, "network.loss", 0.0, percent=30.0)
    lost = int(re.findall(r"(\d+)% packet loss", _ping(world, "geo")[1])[0])
    assert 20 <= lost <= 80
    assert float(re.findall(r"rtt .* = [\d.]+/([\d.]+)/", _ping(world, "geo")[1])[0]) < 1.0
    world.disturbances.end("one")
    _begin(world, "network.partition", 0.0)
    assert _ping(world, "geo") == (1, _ping(world, "geo")[1])
    assert "0 received, 100% packet loss" in _ping(world, "geo")[1]
