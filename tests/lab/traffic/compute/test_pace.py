"""Processes are now faster and now slower, together where they share a machine, and never by anybody's doing."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from aiops.core.telemetry import FloatArray
from aiops.lab.traffic.compute.pace import SPAN, Pace
from aiops.lab.traffic.demand.moods import mood

NODES = np.array([0, 0, 1, 1])
KIN = "abac"


def _lived(spans: int, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """The slowness and the errors of four processes, each (spans, 4)."""
    pace, rng = Pace(), np.random.default_rng(seed)
    pace.adopt(np.full(4, -1), 2, KIN)
    slowness, errors = [], []
    for _ in range(spans):
        for _ in range(SPAN):
            pace.step(NODES, rng)
        slowness.append(pace.slowness)
        errors.append(pace.errors)
    return np.array(slowness), np.array(errors)


@pytest.fixture(scope="module")
def lived() -> tuple[FloatArray, FloatArray]:
    return _lived(20_000)


def test_work_takes_about_as_long_as_it_should_and_sometimes_much_longer(lived: tuple[FloatArray, FloatArray]) -> None:
    slowness, _ = lived
    assert (slowness > 0).all()
    assert np.median(slowness) == pytest.approx(1.0, abs=0.03)
    assert slowness.mean() < 1.15
    assert 0.001 < (slowness > 2.0).mean() < 0.03
    assert slowness.max() > 4.0


def test_those_on_one_machine_have_more_in_common(lived: tuple[FloatArray, FloatArray]) -> None:
    together = np.corrcoef(np.log(lived[0]).T)
    assert together[0, 1] > together[0, 3] + 0.1
    assert together[2, 3] > together[1, 2] + 0.1


def test_replicas_have_more_in_common_than_others(lived: tuple[FloatArray, FloatArray]) -> None:
    together = np.corrcoef(np.log(lived[0]).T)
    assert together[0, 2] > together[0, 3] + 0.3
    assert together[0, 2] > together[1, 2] + 0.3


def test_rare_errors_come_in_clumps_and_are_as_many_as_ever(lived: tuple[FloatArray, FloatArray]) -> None:
    _, errors = lived
    assert errors.mean() == pytest.approx(1.0, rel=0.1)
    assert (errors == 0).mean() > 0.9


def test_a_pace_stays_for_a_span_and_a_copy_goes_on_alike() -> None:
    pace, rng = Pace(), np.random.default_rng(3)
    pace.adopt(np.full(4, -1), 2, KIN)
    for _ in range(SPAN):
        pace.step(NODES, rng)
    before = pace.slowness
    pace.step(NODES, rng)
    assert pace.slowness is before
    copy, same = pickle.loads(pickle.dumps((pace, rng)))
    for _ in range(SPAN):
        pace.step(NODES, rng)
        copy.step(NODES, same)
    assert (pace.slowness == copy.slowness).all()


def test_processes_that_stay_keep_their_pace() -> None:
    pace, rng = Pace(), np.random.default_rng(3)
    pace.adopt(np.full(4, -1), 2, KIN)
    for _ in range(SPAN):
        pace.step(NODES, rng)
    before = pace.slowness
    pace.adopt(np.array([3, -1, 0]), 2, "bba")
    assert pace.slowness.tolist() == [before[3], 1.0, before[0]]


def test_users_moods_change_slowly_by_the_seed() -> None:
    moments = 1.7e9 + 5.0 * np.arange(20_000)
    moods = np.array([mood(1, float(moment)) for moment in moments])
    assert moods.mean() == pytest.approx(1.0, abs=0.05)
    assert 0.05 < moods.std() < 0.15
    assert np.abs(np.diff(moods)).max() < 0.02
    assert mood(2, 1.7e9) != moods[0] == mood(1, 1.7e9)
