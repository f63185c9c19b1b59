"""Wrong answers reach the users through everything between, and nobody but they can tell."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.service_level import ServiceLevel
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import World
from tests.support.worlds import aged

PODS = {"namespace": "hotel", "labels": {"app": "geo"}}


def _lived(*behaviours: dict[str, Any]) -> tuple[World, ServiceLevel]:
    world = aged(120.0)
    start = world.now
    if behaviours:
        given = {"kind": "misbehaviour", "pods": PODS, "behaviours": list(behaviours)}
        world.disturbances.begin("one", disturbance_of(given))
    for _ in world.ticks(60.0):
        pass
    return world, world.service_level(start, world.now)


def _bad(world: World) -> float:
    """The answers with a bad status that services have counted."""
    wanted = [Matcher("__name__", "=", "http_server_request_duration_seconds_count")]
    wanted.append(Matcher("http_response_status_code", "=~", "[45].."))
    return float(sum(series.values[-1] for series in world.series.select(wanted, 0.0, world.now)))


def _wrong(percent: float, operation: str = "") -> dict[str, Any]:
    return {"kind": "wrong_answers", "percent": percent, "operation": operation}


def test_users_get_wrong_answers_and_no_metric_shows_it() -> None:
    (calm, usual), (world, level) = _lived(), _lived(_wrong(50))
    assert usual.correct == 1.0
    assert 0.05 < 1.0 - level.correct < 0.5
    assert level.requests == usual.requests
    assert level.failed == pytest.approx(usual.failed, abs=0.001 * usual.requests)
    assert level.good < usual.good - 0.05
    seen = [{str(s.labels) for s in each.series.select([], 0.0, each.now)} for each in (calm, world)]
    assert seen[0] == seen[1]
    assert _bad(world) == pytest.approx(_bad(calm), rel=0.02)


def test_more_wrong_answers_are_more_for_users() -> None:
    shares = [1.0 - _lived(_wrong(percent))[1].correct for percent in (10, 50, 100)]
    assert shares == sorted(shares)
    assert shares[1] == pytest.approx(5 * shares[0], rel=0.05)
    assert shares[2] == pytest.approx(10 * shares[0], rel=0.1)
    assert _lived(_wrong(50), _wrong(100))[1].correct == pytest.approx(1.0 - shares[2])


def test_it_ends_with_its_cause() -> None:
    world, _ = _lived(_wrong(100))
    world.disturbances.end("one")
    next(world.ticks(5.0))
    start = world.now
    for _ in world.ticks(30.0):
        pass
    assert world.service_level(start, world.now).correct == 1.0
