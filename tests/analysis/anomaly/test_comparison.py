from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.anomaly.comparison import compare, judge, ranks, wander
from aiops.core.action import Outcome

SAMPLE = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=25)


def _u_by_counting(first: list[float], second: list[float]) -> float:
    return sum((b > a) + 0.5 * (b == a) for a in first for b in second)


@given(SAMPLE, SAMPLE)
def test_the_effect_is_the_share_of_pairs(first: list[float], second: list[float]) -> None:
    expected = 2 * _u_by_counting(first, second) / (len(first) * len(second)) - 1
    found = compare(np.array(first), np.array(second))
    if len({*first, *second}) == 1:
        assert found.delta == 0.0
    else:
        assert found.delta == pytest.approx(expected)


@given(SAMPLE, SAMPLE)
def test_exchanging_the_samples_turns_the_effect_around(first: list[float], second: list[float]) -> None:
    one, other = compare(np.array(first), np.array(second)), compare(np.array(second), np.array(first))
    assert one.p == pytest.approx(other.p)
    assert one.delta == pytest.approx(-other.delta, abs=1e-12)
    assert 0 <= one.p <= 1


def test_ties_share_their_rank() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_a_textbook_case() -> None:
    # Two samples of five without overlap: U = 0, z = (12.5 - .5) / sqrt(5 * 5 * 11 / 12).
    found = compare(np.arange(5.0), np.arange(5.0, 10.0))
    assert found.p == pytest.approx(math.erfc(12 / math.sqrt(275 / 12) / math.sqrt(2)))
    assert found.delta == 1.0


def test_false_alarms_stay_below_alpha_even_with_several_looks() -> None:
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(400):
        control, sample = rng.lognormal(0, 0.5, 60), rng.lognormal(0, 0.5, 48)
        alarms += any(judge(control, sample[:n], looks=4) not in (Outcome.UNCHANGED, None) for n in (12, 24, 36, 48))
    assert alarms / 400 <= 0.05


def test_real_harm_is_found() -> None:
    rng = np.random.default_rng(8)
    found = [judge(rng.normal(1, 0.2, 60), rng.normal(1.6, 0.2, 16), looks=4) for _ in range(100)]
    assert found.count(Outcome.WORSE) >= 99
    assert judge(rng.normal(1, 0.1, 60), rng.normal(0.5, 0.1, 16)) == Outcome.BETTER


def test_a_difference_within_the_tolerance_is_none() -> None:
    control, sample = np.full(40, 1.0) + np.arange(40) * 1e-6, np.full(20, 1.1)
    assert judge(control, sample, tolerance=0.2) == Outcome.UNCHANGED
    assert judge(control, sample, tolerance=0.05) == Outcome.WORSE


def test_equal_constant_samples_do_not_differ() -> None:
    assert judge(np.zeros(30), np.zeros(10)) == Outcome.UNCHANGED


def test_too_few_samples_decide_nothing() -> None:
    assert judge(np.ones(3), np.ones(30)) is None
    assert judge(np.ones(30), np.array([np.nan, 1.0, 1.0, 1.0])) is None


def test_the_wander_of_medians_is_found_whatever_single_samples_do() -> None:
    rng = np.random.default_rng(9)
    steps = np.repeat(rng.normal(1.0, 0.2, 12), 20)
    calm = np.where(np.arange(240) % 80 == 0, 50.0, 1.0)
    assert 0.1 < wander(steps, 10) < 0.4
    assert wander(calm, 10) == 0.0, "a spike here and there moves no median"


@given(st.lists(st.floats(-1e6, 1e6), max_size=30), st.integers(0, 40))
def test_wander_takes_any_sample(values: list[float], length: int) -> None:
    found = wander(np.array([*values, math.nan]), length)
    assert found >= 0
    assert found == 0 or len(values) >= 2 * length
