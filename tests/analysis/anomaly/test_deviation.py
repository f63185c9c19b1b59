from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.anomaly.deviation import THRESHOLD, deviation, finite, score, spread

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=60)


def test_a_series_that_goes_on_as_before_is_normal() -> None:
    rng = np.random.default_rng(1)
    found = deviation(rng.normal(10, 1, 80), rng.normal(10, 1, 20))
    assert found is not None
    assert found.score == 0.0


def test_a_rise_and_a_drop_are_equally_anomalous() -> None:
    baseline = np.array([9.0, 10.0, 11.0] * 10)
    up, down = deviation(baseline, np.full(8, 20.0)), deviation(baseline, np.full(8, 0.0))
    assert up is not None
    assert down is not None
    assert up.z == pytest.approx(-down.z)
    assert up.score == down.score > 0.4


def test_a_constant_series_has_a_relative_floor() -> None:
    baseline = np.full(20, 100.0)
    small, large = deviation(baseline, np.full(5, 104.0)), deviation(baseline, np.full(5, 160.0))
    assert small is not None
    assert large is not None
    assert (small.score, large.score > 0.5) == (0.0, True)


def test_the_floor_of_an_all_zero_series_keeps_trifles_out() -> None:
    baseline = np.zeros(20)
    trifle = deviation(baseline, np.full(5, 0.002), floor=0.01)
    trouble = deviation(baseline, np.full(5, 0.5), floor=0.01)
    assert trifle is not None
    assert trouble is not None
    assert (trifle.score, trouble.score > 0.9) == (0.0, True)


def test_one_odd_sample_is_no_departure_but_a_faulty_quarter_is() -> None:
    baseline = np.array([1.0, 1.1, 0.9, 1.0] * 8)
    spike = np.ones(12)
    spike[4] = 50.0
    late = np.concatenate([np.ones(7), np.full(5, 50.0)])
    found, departed = deviation(baseline, spike), deviation(baseline, late)
    assert found is not None
    assert departed is not None
    assert found.score == 0.0
    assert departed.score > 0.5


def test_faulty_samples_in_the_baseline_do_not_hide_the_fault() -> None:
    baseline = np.concatenate([np.array([1.0, 1.2, 0.8] * 10), np.full(4, 50.0)])
    found = deviation(baseline, np.full(8, 50.0))
    assert found is not None
    assert found.score > 0.9


def test_too_few_samples_tell_nothing() -> None:
    assert deviation(np.array([1.0, np.nan, 2.0, 3.0]), np.ones(5)) is None
    assert deviation(np.ones(10), np.array([np.nan])) is None


@given(VALUES, VALUES)
def test_a_score_is_a_share_and_gaps_change_nothing(before: list[float], after: list[float]) -> None:
    found = deviation(np.array(before), np.array(after))
    gappy = deviation(np.array([*before, np.nan, np.inf]), np.array([np.nan, *after]))
    assert found == gappy
    assert found is not None
    assert 0.0 <= found.score <= 1.0


@given(VALUES, VALUES, st.floats(0.001, 1000))
def test_the_unit_of_a_series_does_not_matter(before: list[float], after: list[float], factor: float) -> None:
    plain = deviation(np.array(before), np.array(after), floor=1.0)
    scaled = deviation(np.array(before) * factor, np.array(after) * factor, floor=factor)
    assert plain is not None
    assert scaled is not None
    assert abs(scaled.z) == pytest.approx(abs(plain.z), rel=1e-6, abs=1e-6)


@given(st.floats(-1e9, 1e9))
def test_scores_rise_with_the_deviation(z: float) -> None:
    assert score(z) == score(-z)
    assert score(z * 2) >= score(z)
    assert (score(z) == 0) == (abs(z) <= THRESHOLD)


def test_finite_and_spread() -> None:
    assert finite(np.array([1.0, np.nan, np.inf, 2.0])).tolist() == [1.0, 2.0]
    median, scale = spread(np.arange(101, dtype=float))
    assert median == 50.0
    assert scale == pytest.approx(50 / 1.349)
