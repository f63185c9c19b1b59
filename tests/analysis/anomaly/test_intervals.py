from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.anomaly.committee import committee
from aiops.analysis.anomaly.intervals import Interval, intervals


def test_an_interval_is_the_core_of_a_stretch_of_high_scores() -> None:
    scores = np.tile([-1.0, 0.0, 1.0], 30)
    scores[40:45] = [4.5, 9.0, 10.0, 8.0, 3.0]
    assert intervals(scores) == [Interval(41, 43, 10.0)]


def test_calm_scores_have_none() -> None:
    assert intervals(np.zeros(10)) == []
    assert intervals(np.zeros(0)) == []
    assert intervals(np.tile([-1.0, 0.0, 3.9], 30)) == []


def test_steady_noise_is_seldom_called_strange() -> None:
    rng = np.random.default_rng(0)
    assert sum(len(intervals(committee(rng.normal(size=400)))) for _ in range(20)) <= 15


@given(st.lists(st.floats(-5, 50), min_size=1, max_size=80))
def test_intervals_are_apart_in_order_and_inside(scores: list[float]) -> None:
    found = intervals(np.array(scores))
    for item in found:
        assert 0 <= item.first <= item.last < len(scores)
        assert item.score == max(scores[item.first : item.last + 1])
    assert all(a.last < b.first for a, b in pairwise(found))
