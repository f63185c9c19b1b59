"""Clients that read slowly keep connections of the gateway, until none is left for others."""

from __future__ import annotations

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.world import World
from tests.support.worlds import aged


def _in_flight(world: World) -> float:
    """Requests in flight at the gateways."""
    graph, state = world._traffic.flow.graph, world._traffic.resources.state
    rows = [row for row, process in enumerate(graph.processes) if process.program.role == "gateway"]
    return float(sum(state.in_flight[rows]))


def _with_slow_clients(percent: float, seconds: float) -> tuple[World, float]:
    """(a world that has had such clients for a while, the share of its users that failed)."""
    world = aged(300.0)
    start = world.now
    given = {"kind": "load.slow_clients", "percent": percent, "seconds": seconds}
    world.disturbances.begin("one", disturbance_of(given))
    for _ in world.ticks(60.0):
        pass
    level = world.service_level(start, world.now)
    return world, level.failed / level.requests


def test_few_slow_clients_keep_connections_and_harm_nobody() -> None:
    world, failing = _with_slow_clients(5, 30)
    held = world._traffic.application.rate * 0.05 * 30
    assert _in_flight(world) == pytest.approx(held, rel=0.2)
    assert failing < 0.01
    world.disturbances.end("one")
    for _ in world.ticks(15.0):
        pass
    assert _in_flight(world) < 0.2 * held


def test_many_slow_clients_leave_no_connection_for_others() -> None:
    world, failing = _with_slow_clients(50, 86_400)
    assert failing > 0.5
    assert _in_flight(world) > 100
