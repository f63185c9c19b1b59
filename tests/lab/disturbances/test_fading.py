"""What users felt of a disturbance is over some minutes after its end: hotel has nothing that keeps itself ill."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from aiops.core.disturbance import Disturbance
from aiops.core.errors import NotPossibleError
from aiops.lab.world import World
from tests.lab.disturbances.strategies import disturbances
from tests.support.worlds import aged

LASTS = 60.0
RECOVERY = 900.0
"""Simulated seconds: restarts wait up to five minutes for each other, evicted pods five for their node."""

WINDOW = 120.0
ALLOWED = 0.01
"""Share of good answers that a cluster may lack that just came back: caches are cold, pods stand elsewhere."""


def _good(world: World, seconds: float) -> float:
    start = world.now
    for _ in world.ticks(seconds):
        pass
    return world.service_level(start, world.now).good


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(disturbances)
def test_its_effect_fades_after_its_end(disturbance: Disturbance) -> None:
    world = aged(180.0)
    before = _good(world, WINDOW)
    try:
        world.disturbances.begin("one", disturbance)
    except NotPossibleError:
        return
    _good(world, LASTS)
    world.disturbances.end("one")
    _good(world, RECOVERY)
    assert _good(world, WINDOW) >= before - ALLOWED
