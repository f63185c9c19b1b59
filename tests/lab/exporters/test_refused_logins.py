"""Exporters of stores count the clients that these refuse."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import World
from tests.support.worlds import aged

METRIC = "redis_acl_access_denied_auth_total"


def _refused(world: World) -> float:
    found = world.series.select([Matcher("__name__", "=", METRIC)], world.now - 60.0, world.now)
    return float(sum(series.values[-1] for series in found))


def _after(world: World, seconds: float, **behaviour: Any) -> float:
    pods = {"namespace": "boutique", "labels": {"app": "cart-redis"}}
    world.disturbances.begin("one", disturbance_of({"kind": "misbehaviour", "pods": pods, "behaviours": [behaviour]}))
    for _ in world.ticks(seconds):
        pass
    return _refused(world)


def test_refused_logins_are_counted_until_they_end() -> None:
    world = aged(120.0, application="boutique")
    assert _refused(world) == 0.0
    counted = _after(world, 60.0, kind="refused_user")
    assert counted > 50.0
    world.disturbances.end("one")
    for _ in world.ticks(60.0):
        pass
    once = _refused(world)
    assert once >= counted
    for _ in world.ticks(60.0):
        pass
    assert _refused(world) == pytest.approx(once)


def test_who_does_not_speak_tls_never_comes_to_log_in() -> None:
    world = aged(120.0, application="boutique")
    assert _after(world, 60.0, kind="plaintext_refused", clients={}) == 0.0
    assert world._traffic.engine.refused.connections.sum() > 50.0
