"""Packets that come twice, broken or not at all cost bytes, CPU and bandwidth, and interfaces count them."""

from __future__ import annotations

from typing import Any

from aiops.core.disturbance import disturbance_of
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import World
from tests.support.worlds import aged

GEO = {"namespace": "hotel", "labels": {"app": "geo"}}
SECONDS = 90.0


def _disturbed(*given: dict[str, Any]) -> World:
    world = aged(60.0)
    for number, each in enumerate(given):
        world.disturbances.begin(str(number), disturbance_of({"pods": GEO, **each}))
    for _ in world.ticks(SECONDS):
        pass
    return world


def _risen(world: World, metric: str, app: str) -> float:
    """By how much a counter of an application's pods rose in the last minute."""
    wanted = [Matcher("__name__", "=", metric), Matcher("pod", "=~", f"{app}-.*")]
    found = world.series.select(wanted, world.now - 60.0, world.now)
    assert found
    return float(sum(series.values[-1] - series.values[0] for series in found))


def test_packets_that_come_twice_are_received_twice() -> None:
    calm, doubled = _disturbed(), _disturbed({"kind": "network.duplication", "percent": 100})
    received = "container_network_receive_bytes_total"
    assert _risen(doubled, received, "geo") > 1.5 * _risen(calm, received, "geo")
    assert abs(_risen(doubled, received, "rate") / _risen(calm, received, "rate") - 1.0) < 0.2
    row = next(i for i, p in enumerate(calm._traffic.flow.graph.processes) if p.name == "geo")
    engines = calm._traffic.engine, doubled._traffic.engine
    assert not engines[0].packets.cores
    assert engines[1].packets.cores[row] > 0.0


def test_packets_that_come_twice_need_bandwidth_twice() -> None:
    narrow = {"kind": "network.bandwidth", "bytes_per_second": 400_000}
    alone, both = _disturbed(narrow), _disturbed(narrow, {"kind": "network.duplication", "percent": 100})
    waits = [float(world._traffic.flow.graph.ways.queued.max()) for world in (alone, both)]
    assert waits[1] > 1.2 * waits[0]


def test_lost_and_broken_packets_are_counted_where_they_were_to_arrive() -> None:
    dropped, errors = "container_network_receive_packets_dropped_total", "container_network_receive_errors_total"
    lossy = _disturbed({"kind": "network.loss", "percent": 5})
    assert _risen(lossy, dropped, "geo") > 0 == _risen(lossy, errors, "geo")
    assert _risen(lossy, dropped, "rate") == 0
    broken = _disturbed({"kind": "network.corruption", "percent": 5})
    assert _risen(broken, errors, "geo") > 0 == _risen(broken, dropped, "geo")


def test_the_counters_stay_when_packets_are_sound_again() -> None:
    world = _disturbed({"kind": "network.loss", "percent": 5})
    world.disturbances.end("0")
    next(world.ticks(10.0))
    counted = world._traffic.engine.packets.dropped.sum()
    for _ in world.ticks(30.0):
        pass
    assert world._traffic.engine.packets.dropped.sum() == counted > 0
    assert not world._traffic.engine.packets.cores
