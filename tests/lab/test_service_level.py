from __future__ import annotations

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.ports import TICK
from aiops.lab.service_level import ServiceLevel, ServiceLevelRecord
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.world import START, World
from tests.support.worlds import aged

TICKS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=20)


def test_a_share_of_nobody_is_good() -> None:
    assert ServiceLevel(0.0, 0.0, 0.0).good == 1.0
    assert ServiceLevel(100.0, 3.0, 2.0).good == pytest.approx(0.95)


@given(ticks=TICKS, first=st.integers(0, 25), length=st.integers(0, 25))
def test_a_window_is_the_sum_of_its_ticks(ticks: list[tuple[int, int, int]], first: int, length: int) -> None:
    record, totals = ServiceLevelRecord(START), (0.0, 0.0, 0.0)
    for number, tick in enumerate(ticks, start=1):
        totals = (totals[0] + tick[0], totals[1] + tick[1], totals[2] + tick[2])
        record.add(START + number * TICK, *totals)
    found = record.between(START + first * TICK, START + (first + length) * TICK)
    inside = ticks[first : first + length]
    assert (found.requests, found.failed, found.slow) == tuple(map(float, map(sum, zip(*inside, strict=True)))) or (
        not inside and found == ServiceLevel(0.0, 0.0, 0.0)
    )


def test_a_world_knows_what_its_users_got() -> None:
    world = World("hotel", seed=1)
    moments = [world.now]
    for _ in range(3):
        list(world.ticks(60.0))
        moments.append(world.now)
    parts = [world.service_level(start, end) for start, end in pairwise(moments)]
    whole = world.service_level(moments[0], moments[-1])
    assert sum(part.requests for part in parts) == pytest.approx(whole.requests)
    assert parts[0].good < 0.9  # nobody listens in the beginning
    assert parts[-1].good > 0.999
    assert parts[-1].requests == pytest.approx(60 * 80, rel=0.2)


def test_a_copied_world_goes_on_as_the_first_would() -> None:
    """Tests share histories by such copies (`tests.support.worlds`)."""
    world = aged(60.0)
    with_a_history = World("hotel", seed=1)
    list(with_a_history.ticks(60.0))
    for one in (world, with_a_history):
        service = one.cluster.get("Service", "hotel", "geo")
        port = {**service["spec"]["ports"][0], "targetPort": 9999}
        one.cluster.update({**service, "spec": {**service["spec"], "ports": [port]}}, manager="kubectl-edit")
        list(one.ticks(120.0))
    assert _shown(world) == _shown(with_a_history)
    assert _state(aged(60.0)) != _state(world), "nobody else sees what was done to a copy"


def _shown(world: World) -> tuple[bytes, list[object], bytes]:
    series = world.series.select([Matcher("__name__", "=~", ".+")], 0.0, world.now)
    return (
        _state(world),
        [item for kind in ("Pod", "Event", "EndpointSlice") for item in world.cluster.objects(kind)],
        b"".join(repr(one.labels).encode() + one.times.tobytes() + one.values.tobytes() for one in series),
    )


def test_a_forked_world_goes_on_as_its_parent_would() -> None:
    world = World("hotel", seed=1)
    list(world.ticks(60.0))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        list(world.ticks(60.0))
        os.write(writing, _state(world))
        os._exit(0)
    os.waitpid(child, 0)
    list(world.ticks(60.0))
    assert os.read(reading, 65536) == _state(world)
    os.close(reading)
    os.close(writing)


def _state(world: World) -> bytes:
    return f"{world.now} {world.cluster.revision} {world.service_level(START, world.now)}".encode()
