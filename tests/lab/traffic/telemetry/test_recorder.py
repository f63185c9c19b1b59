"""Lines and spans are the same whenever, and however often, somebody reads them."""

from __future__ import annotations

import copy
import pickle

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.traffic.telemetry import recorder
from aiops.lab.world import World

Read = tuple[list[tuple[float, str]], list[str]]


def _read(world: World) -> Read:
    """Every line, and every span."""
    lines = [
        (line.time, line.text)
        for stream in world.container_logs.log_streams()
        for line in world.container_logs.written(stream.container_id, 0.0, world.now)
    ]
    return lines, [repr(trace.spans) for trace in world.traces.newest(world.now)]


def _lived(*, reading: bool) -> World:
    """Three minutes, in the second of which a program is another one."""
    world = World("hotel", seed=4)
    pods = {"namespace": "hotel", "labels": {"app": "geo"}}
    bad = {"kind": "misbehaviour", "pods": pods, "behaviours": [{"kind": "operation_errors", "percent": 40}]}
    for minute in range(3):
        if minute == 1:
            world.disturbances.begin("one", disturbance_of(bad))
        for _ in world.ticks(60.0):
            if reading:
                _read(world)
        if minute == 1:
            world.disturbances.end("one")
    return world


@pytest.fixture(scope="module")
def unread() -> bytes:
    return pickle.dumps(_lived(reading=False))


def test_reading_at_every_tick_shows_what_reading_at_the_end_does(unread: bytes) -> None:
    lines, spans = _read(pickle.loads(unread))
    assert len(lines) > 300
    assert len(spans) > 30
    assert _read(_lived(reading=True)) == (lines, spans)


def test_a_copy_has_the_steps_that_nobody_has_read(unread: bytes) -> None:
    world: World = pickle.loads(unread)
    other = copy.deepcopy(world)
    found = _read(other)
    assert _read(world) == found
    assert len(other.traces) == len(world.traces)


def test_steps_are_not_kept_without_end(unread: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "_MOST_NUMBERS", 2_000)
    world = _lived(reading=False)
    assert len(world._traffic._recorder._unread) < 3
    assert _read(world) == _read(pickle.loads(unread))
