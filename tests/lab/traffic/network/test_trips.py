"""Single connections over a way of which shares and moments are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.traffic.network.interference import Path
from aiops.lab.traffic.network.trips import Trip

KEYS = range(4000)


def test_a_clear_way_takes_no_time_and_loses_nothing() -> None:
    for key in range(50):
        trip = Trip(Path(), key)
        assert (trip.lost, trip.seconds(0), trip.dropped(0)) == (False, 0.0, False)


def test_as_many_are_lost_as_the_way_says() -> None:
    way = Path(lost=0.2, dropped=0.1, broken=0.05)
    assert np.mean([Trip(way, key).lost for key in KEYS]) == pytest.approx(0.2, abs=0.02)
    assert np.mean([Trip(way, key).dropped(3) for key in KEYS]) == pytest.approx(1 - 0.9 * 0.95, abs=0.02)
    assert all(Trip(Path(lost=1.0), key).lost for key in range(50))


def test_round_trips_vary_as_the_way_says() -> None:
    seconds = [Trip(Path(delay=0.5, variance=0.01), key).seconds(number) for key in KEYS for number in (0, 1)]
    assert np.mean(seconds) == pytest.approx(0.5, abs=0.01)
    assert np.std(seconds) == pytest.approx(0.1, abs=0.01)
    assert Trip(Path(delay=0.5), 7).seconds(0) == 0.5


@given(st.integers(0, 2**32), st.floats(0, 60), st.floats(0, 100), st.integers(0, 40))
def test_no_round_trip_is_shorter_than_usual_and_equal_keys_meet_the_same(
    key: int, delay: float, variance: float, number: int
) -> None:
    way = Path(delay=delay, variance=variance)
    assert Trip(way, key).seconds(number) >= 0
    assert Trip(way, key).seconds(number) == Trip(way, key).seconds(number)
    assert 0 < Trip(way, key).share(number) <= 1
