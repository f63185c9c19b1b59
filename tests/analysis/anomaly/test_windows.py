from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.anomaly.windows import (
    BLOCKS,
    NARROWEST,
    bridged,
    cut,
    moving_mean,
    shapes,
    standardised,
    starts,
    to_samples,
    width_for,
)


def test_gaps_are_bridged_and_a_series_of_gaps_is_none() -> None:
    values = np.array([1.0, np.nan, 3.0, np.inf, 5.0, 6.0])
    found = bridged(values)
    assert found is not None
    assert found.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert bridged(np.array([1.0, np.nan, np.nan, 2.0])) is None


def test_a_standardised_series_has_mean_0_and_deviation_1_or_never_moves() -> None:
    found = standardised(np.array([1.0, 2.0, 3.0]))
    assert (found.mean(), found.std()) == (pytest.approx(0.0), pytest.approx(1.0))
    assert standardised(np.full(5, 1e9)).tolist() == [0.0] * 5


@given(st.integers(NARROWEST, 400), st.integers(NARROWEST, 60))
def test_windows_shapes_and_samples_have_the_sizes_told(n: int, width: int) -> None:
    width = min(n, width)
    values = np.arange(n, dtype=float)
    windows = cut(values, width)
    assert windows.shape == (len(starts(n, width)), width)
    assert (windows[:, 0] == starts(n, width)).all()
    assert shapes(values, width).shape[0] == len(windows)
    assert shapes(values, width).shape[1] < 2 * BLOCKS
    scores = to_samples(np.ones(len(windows)), n, width)
    assert scores.shape == (n,)
    assert scores == pytest.approx(np.ones(n))


def test_a_sample_has_the_mean_score_of_the_windows_that_hold_it() -> None:
    assert moving_mean(np.array([1.0, 3.0, 5.0]), 4, 2).tolist() == [1.0, 2.0, 4.0, 5.0]


def test_a_shape_is_the_means_of_equal_parts() -> None:
    values = np.repeat(np.arange(40.0), 2)
    assert shapes(values, 80)[0].tolist() == [float(np.mean([2 * i, 2 * i + 1])) for i in range(20)]


def test_the_width_grows_with_the_series() -> None:
    assert (width_for(10), width_for(1000)) == (NARROWEST, 50)
