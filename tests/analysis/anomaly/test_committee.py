from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.anomaly.committee import METHODS, SHORTEST, committee, single, strangest
from aiops.analysis.anomaly.intervals import intervals


def noise(n: int = 600, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(10.0, 1.0, n)


def shifted() -> np.ndarray:
    values = noise()
    values[300:340] += 6
    return values


def spiked() -> np.ndarray:
    values = noise()
    values[400] += 20
    return values


def silent() -> np.ndarray:
    """A series whose daily rise fails to come once."""
    values = np.tile(np.repeat([1.0, 9.0], 30), 12) + noise(720) / 10
    values[390:420] = 1.0 + noise(30) / 10
    return values


@pytest.mark.parametrize(
    ("values", "first", "last"), [(shifted(), 295, 345), (spiked(), 390, 410), (silent(), 360, 450)]
)
def test_the_strangest_sample_is_in_the_anomaly(values: np.ndarray, first: int, last: int) -> None:
    assert first <= int(committee(values).argmax()) <= last


WINDOWED = sorted(set(METHODS) - {"spectral", "changepoint"})


@pytest.mark.parametrize("method", WINDOWED)
def test_each_method_sees_a_large_shift(method: str) -> None:
    values = noise()
    values[300:312] += 15
    assert 270 <= int(single(values, method).argmax()) <= 340


def test_the_spectrum_shows_a_spike_and_a_changed_level_is_a_new_regime() -> None:
    assert 380 <= int(single(spiked(), "spectral").argmax()) <= 420
    values = noise()
    values[300:] += 8
    assert 295 <= int(single(values, "changepoint").argmax()) <= 335


def test_what_comes_back_each_season_is_not_strange() -> None:
    values = np.tile(np.concatenate([np.zeros(50), np.full(10, 9.0)]), 12) + noise(720) / 10
    assert intervals(committee(values)) == []


@pytest.mark.parametrize("method", [*sorted(METHODS), None])
@pytest.mark.parametrize("n", [0, 1, 3, 4, SHORTEST - 1, SHORTEST, 100])
def test_short_series_constants_and_gaps_have_scores(method: str | None, n: int) -> None:
    for values in (np.full(n, 7.0), np.full(n, np.nan), noise(n), np.where(np.arange(n) % 3 == 0, np.nan, noise(n))):
        scores = committee(values) if method is None else single(values, method)
        assert scores.shape == (n,)
        assert np.isfinite(scores).all()
    assert not committee(np.full(n, 7.0)).any()


@given(st.integers(60, 300), st.floats(0.001, 1000), st.floats(-1e4, 1e4), st.integers(0, 5))
def test_unit_and_origin_do_not_matter(n: int, factor: float, offset: float, seed: int) -> None:
    values = noise(n, seed)
    values[n // 2] += 10
    assert committee(values * factor + offset) == pytest.approx(committee(values), abs=1e-2)


@pytest.mark.parametrize("size", [1e-300, 1e300, 1.7e308])
def test_numbers_of_any_size_have_scores(size: float) -> None:
    values = np.sin(np.arange(100.0)) * size
    values[50] = -size
    assert np.isfinite(committee(values)).all()


def test_a_row_is_as_strange_as_its_strangest_column() -> None:
    calm, odd = noise(), shifted()
    both = strangest(np.column_stack((calm, odd)))
    assert (both == np.maximum(committee(calm), committee(odd))).all()
