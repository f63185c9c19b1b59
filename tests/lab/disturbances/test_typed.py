"""What people see who type commands into a container while packets or names are disturbed."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.ports import ExecResult
from aiops.lab.world import World
from tests.support.worlds import aged

SEARCH = {"namespace": "hotel", "labels": {"app": "search"}}
GEO = {"namespace": "hotel", "labels": {"app": "geo"}}


@pytest.fixture
def world() -> World:
    return aged(60.0)


def _typed(world: World, command: str) -> ExecResult:
    container = next(p.container.id for p in world.runtime.running() if p.name == "search")
    return world.runtime.execute(container, command.split())


def _begin(world: World, **given: Any) -> None:
    world.disturbances.begin("one", disturbance_of(given))


def test_a_failing_name_is_a_failure_of_the_server(world: World) -> None:
    assert "Address: 10." in _typed(world, "nslookup geo").stdout
    _begin(world, kind="dns.failure", pods=SEARCH, names=["geo.hotel"])
    assert "SERVFAIL" in _typed(world, "nslookup geo").stdout
    assert "Address: 10." in _typed(world, "nslookup rate").stdout
    assert "Could not resolve host" in _typed(world, "curl http://geo:8083/").stderr


def test_a_wrong_address_is_answered(world: World) -> None:
    _begin(world, kind="dns.answer", pods=SEARCH, names=["geo.hotel"], address="10.9.9.9")
    assert "Address: 10.9.9.9" in _typed(world, "nslookup geo").stdout
    assert "timed out" in _typed(world, "curl -m 2 http://geo:8083/").stderr


def test_late_packets_make_requests_late(world: World) -> None:
    usual = _typed(world, "curl http://geo:8083/nearby").seconds
    _begin(world, kind="network.delay", pods=GEO, seconds=3.0)
    assert _typed(world, "curl http://geo:8083/nearby").seconds > usual + 5.9
    assert "timed out" in _typed(world, "curl --connect-timeout 1 http://geo:8083/").stderr
    assert _typed(world, "nc -zv -w 1 geo 8083").exit_code == 1


def test_no_packet_no_connection(world: World) -> None:
    assert _typed(world, "nc -zv -w 1 geo 8083").exit_code == 0
    _begin(world, kind="network.partition", pods=SEARCH, peers=GEO)
    assert "timed out" in _typed(world, "nc -zv -w 1 geo 8083").stderr
    world.disturbances.end("one")
    assert _typed(world, "nc -zv -w 1 geo 8083").exit_code == 0
