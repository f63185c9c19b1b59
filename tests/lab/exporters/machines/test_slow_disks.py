"""A disk that is slow is seen to be waited for, though it does no more than before."""

from __future__ import annotations

import numpy as np
import pytest

from aiops.core.disturbance import disturbance_of
from aiops.core.telemetry import FloatArray
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import World
from tests.support.worlds import aged

WAITED, READ = "node_disk_io_time_seconds_total", "node_disk_read_bytes_total"
PODS = {"namespace": "boutique", "labels": {"app": "catalog-db"}}


def _gained(world: World, metric: str, seconds: float) -> FloatArray:
    """By how much the machines' counters rose a second in the last so many seconds."""
    found = world.series.select([Matcher("__name__", "=", metric)], world.now - seconds, world.now)
    return np.array([(s.values[-1] - s.values[0]) / (s.times[-1] - s.times[0]) for s in found])


def test_a_slow_volume_keeps_its_machine_waiting() -> None:
    world = aged(120.0, application="boutique")
    calm, usual = _gained(world, WAITED, 90.0), _gained(world, READ, 90.0)
    slow = {"kind": "io.delay", "pods": PODS, "seconds": 1.0}
    world.disturbances.begin("one", disturbance_of(slow))
    for _ in world.ticks(120.0):
        pass
    waiting = _gained(world, WAITED, 90.0)
    assert calm.max() < 0.1
    assert waiting.max() > 0.5
    assert waiting.max() <= 1.0 + 1e-6
    assert np.sort(waiting)[:-1] == pytest.approx(np.sort(calm)[:-1], abs=0.1)
    assert _gained(world, READ, 90.0).sum() <= 1.5 * usual.sum()
