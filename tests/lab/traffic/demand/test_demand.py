from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.apps.demand import Bursts, Crowds, Day
from aiops.lab.traffic.demand.demand import DAY, Demand, burst_factor, crowd_factor, moments, rate_at
from aiops.lab.traffic.demand.moods import mood
from tests.support.small_apps import small

MONDAY = DAY * 20_000 - DAY * 20_000 % (7 * DAY) + 4 * DAY
DAYS = st.integers(18_000, 22_000)


@given(seed=st.integers(0, 2**32), day=DAYS, per_day=st.floats(0.1, 20.0))
def test_moments_are_drawn_from_the_seed_and_fall_into_their_day(seed: int, day: int, per_day: float) -> None:
    found = moments(seed, "bursts", day, per_day)
    assert list(found) == sorted(found)
    assert all(day * DAY <= moment < (day + 1) * DAY for moment in found)
    assert moments.__wrapped__(seed, "bursts", day, per_day) == found


def test_moments_come_as_often_as_they_should() -> None:
    counts = [len(moments(7, "crowds", day, 3.0)) for day in range(20_000, 20_400)]
    assert 2.7 < np.mean(counts) < 3.3
    assert np.std(counts) > 1.2


@given(seed=st.integers(0, 1000), day=DAYS)
def test_a_burst_begins_and_ends(seed: int, day: int) -> None:
    bursts = Bursts(per_day=4, factor=3.0, seconds=90)
    for start in moments(seed, "b", day, 4):
        assert burst_factor(bursts, seed, "b", start + 1) == 3.0
    assert burst_factor(Bursts(), seed, "b", day * DAY) == 1.0


def test_a_crowd_rises_stays_and_fades() -> None:
    crowds = Crowds(per_day=0.5, factor=5.0, rise_seconds=100, hold_seconds=200, half_life_seconds=60)
    seed, start = next((s, found[0]) for s in range(100) if len(found := moments(s, "c", 20_000, 0.5)) == 1)
    heights = [crowd_factor(crowds, seed, "c", start + age) for age in (0, 50, 100, 290, 360, 420, 1200)]
    assert np.allclose(heights, [1.0, 3.0, 5.0, 5.0, 3.0, 2.0, 1.0])


def test_weekends_are_quieter_where_it_is_said_so() -> None:
    application = small(rate=100).model_copy(update={"day": Day(weekend=0.5)})
    week = [rate_at(application, MONDAY + day * DAY + 12 * 3600) for day in range(7)]
    assert max(week[5:]) < 0.6 * min(week[:5])


def test_tenants_share_the_load_and_have_their_own_mix() -> None:
    operations = [{"name": name, "method": "GET", "path": "/x", "share": 0.5} for name in ("read", "write")]
    tenants = [
        {"name": "big", "share": 0.8, "operations": {"read": 1.0}},
        {"name": "small", "share": 0.2, "operations": {"write": 1.0}},
    ]
    application = small(operations=operations, tenants=tenants, rate=100)
    rates = Demand(application, 1).rates(MONDAY)
    assert np.isclose(rates.sum(), rate_at(application, MONDAY) * mood(1, MONDAY))
    assert np.allclose(rates / rates.sum(), [[0.8, 0.0], [0.0, 0.2]])


def test_an_operation_may_have_a_promise_of_its_own(make_cluster: Callable[..., Any]) -> None:
    slow = []
    for objective in (None, {"latency_seconds": 0.005}):
        operation = {"name": "x", "method": "GET", "path": "/x", "share": 1.0, "objective": objective}
        cluster = make_cluster(small(operations=[operation]))
        cluster.run(60)
        slow.append(cluster.traffic.users.slow / cluster.traffic.users.requests)
    assert slow[0] < 0.01
    assert slow[1] > 0.3
