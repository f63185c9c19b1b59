from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.anomaly.onset import find_onset

STEP = 15.0


def _series(n: int, change: int, level: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    values = rng.normal(1.0, 0.1, n)
    values[change:] += level
    return np.arange(n) * STEP, values


@given(st.integers(30, 58), st.sampled_from([-3.0, 2.0, 10.0, 1000.0]), st.integers(0, 20))
def test_a_step_is_found_within_a_sample(change: int, level: float, seed: int) -> None:
    times, values = _series(60, change, level, seed)
    found = find_onset(times, values, baseline_end=20 * STEP)
    assert found is not None
    assert abs(found.at - change * STEP) <= STEP
    assert np.sign(found.shift) == np.sign(level)


def test_a_baseline_that_reaches_into_the_fault_does_not_matter() -> None:
    times, values = _series(60, 40, 5.0)
    found = find_onset(times, values, baseline_end=46 * STEP)
    assert found is not None
    assert abs(found.at - 40 * STEP) <= STEP


@pytest.mark.parametrize("seed", range(5))
def test_a_steady_series_has_no_onset(seed: int) -> None:
    times, values = _series(60, 60, 0.0, seed)
    found = find_onset(times, values, baseline_end=40 * STEP, floor=0.5)
    assert found is None


def test_gaps_are_skipped_and_too_little_tells_nothing() -> None:
    times, values = _series(60, 40, 5.0)
    values[10:20] = np.nan
    found = find_onset(times, values, baseline_end=30 * STEP)
    assert found is not None
    assert abs(found.at - 40 * STEP) <= STEP
    assert find_onset(times[:3], values[:3], baseline_end=STEP) is None
    assert find_onset(times, values, baseline_end=0.0) is None
