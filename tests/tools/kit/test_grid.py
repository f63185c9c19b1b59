"""Arithmetic of series with gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.evidence import Window
from aiops.core.telemetry import Series
from aiops.tools.kit.grid import Grid, counted, largest, mean, median, total

NAN = float("nan")
WINDOW = Window(start=100.0, end=160.0)
VALUES = st.lists(st.one_of(st.just(NAN), st.floats(0, 1e6)), min_size=1, max_size=20).map(np.array)


def same(left, right):
    return np.array_equal(np.asarray(left, float), np.asarray(right, float), equal_nan=True)


def test_points_go_to_their_moments():
    grid = Grid.over(WINDOW, 15)
    assert same(grid.times(), [100, 115, 130, 145, 160])
    series = Series({}, np.array([115.0, 160.0, 175.0, 85.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert same(grid.place(series), [NAN, 1, NAN, NAN, 2])
    assert same(grid.within(np.arange(5.0), Window(start=115, end=145)), [1, 2, 3])
    kept = grid.series({"a": "b"}, np.array([NAN, 1, np.inf, 2, NAN]))
    assert (kept.times, kept.values) == ((115.0, 145.0), (1.0, 2.0))


def test_totals_and_largest():
    rows = [np.array([1, NAN, NAN]), np.array([2, 3, NAN])]
    assert same(total(rows), [3, 3, NAN])
    assert same(largest(rows), [2, 3, NAN])
    assert total([]) is None
    assert largest([]) is None


@pytest.mark.parametrize(
    ("values", "risen"),
    [([3, 4, 4, 6], [0, 1, 1, 3]), ([3, 0, 1], [0, 0, 1]), ([NAN, 2, NAN, 5], [NAN, 0, 0, 3]), ([NAN], [NAN])],
)
def test_counters(values, risen):
    assert same(counted(np.array(values, dtype=float)), risen)


@given(VALUES)
def test_counters_never_fall(values):
    risen = counted(values)
    known = risen[np.isfinite(risen)]
    assert (np.diff(known) >= 0).all()


@given(VALUES)
def test_means_ignore_gaps(values):
    known = values[np.isfinite(values)]
    if known.size:
        assert mean(values) == pytest.approx(known.mean())
        assert median(values) == pytest.approx(np.median(known))
    else:
        assert mean(values) is None
        assert median(values) is None
