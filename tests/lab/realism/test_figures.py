"""The figures by which telemetry is compared, on series of which they are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.lab.realism import figures, recordings, summary

RNG = np.random.default_rng(5)
NORMAL = RNG.standard_normal(20_000)
GAP = np.array([1.0, np.nan, 3.0, np.nan])


def test_figures_of_known_distributions() -> None:
    assert figures.dispersion(RNG.poisson(40, 20_000).astype(float)) == pytest.approx(1.0, abs=0.05)
    assert figures.excess_kurtosis(NORMAL) == pytest.approx(0.0, abs=0.2)
    assert figures.excess_kurtosis(RNG.laplace(size=50_000)) == pytest.approx(3.0, abs=0.7)
    assert figures.tail_index(1 + RNG.pareto(2.0, 50_000)) < 2.0 < 3.0 < figures.tail_index(NORMAL)
    assert figures.variation(10 + NORMAL) == pytest.approx(0.1, abs=0.01)


def test_autocorrelation_finds_what_comes_again() -> None:
    wave = np.sin(np.arange(1200) * 2 * np.pi / 12)
    assert figures.autocorrelation(wave, 12) == pytest.approx(1.0, abs=0.01)
    assert figures.autocorrelation(wave, 6) == pytest.approx(-1.0, abs=0.01)
    assert figures.autocorrelation(NORMAL, 1) == pytest.approx(0.0, abs=0.03)
    assert np.isnan(figures.autocorrelation(np.ones(9), 1))


def test_gaps_are_counted_and_left_out() -> None:
    assert figures.missing(GAP) == 0.5
    assert figures.variation(GAP) == 0.5
    assert figures.is_constant(np.array([2.0, np.nan, 2.0]))
    assert not figures.is_constant(GAP)


def test_what_moves_is_found_with_the_sample_from_which_on_it_does() -> None:
    normal = 100 + NORMAL[:200]
    assert not figures.moved(100 + NORMAL[300:310], normal)
    assert figures.moved(np.array([100.0, 130.0, 130.0]), normal)
    assert figures.first_moved(np.array([100.0, 130.0, 130.0]), normal) == 1.0
    assert np.isnan(figures.first_moved(np.array([100.0]), normal))
    assert not figures.moved(np.array([np.nan]), np.array([np.nan]))


def test_a_change_counts_alike_in_both_directions() -> None:
    assert figures.times(np.array([30.0, np.nan, 30.0]), np.array([10.0])) == pytest.approx(3.0)
    assert figures.times(np.array([2.0]), np.array([10.0])) == pytest.approx(5.0)
    assert np.isnan(figures.times(np.array([0.0]), np.array([1.0])))


SAMPLES = st.integers(-(10**8), 10**8).map(lambda hundredths: hundredths / 100) | st.just(np.nan)


@given(st.lists(SAMPLES, min_size=14, max_size=40), st.floats(0.01, 100.0))
@example([0.0] * 5 + [1.0] * 6 + [1e6, -999999.0, -999999.0], 0.01)
def test_no_figure_depends_on_the_unit(values: list[float], unit: float) -> None:
    series = np.array(values)
    with np.errstate(all="ignore"):
        if figures.is_constant(series):
            return
        for figure in (figures.excess_kurtosis, figures.tail_index, figures.step, figures.missing):
            assert figure(series * unit) == pytest.approx(figure(series), rel=1e-3, abs=1e-6, nan_ok=True)


def test_a_table_has_a_line_for_each_figure_and_a_column_for_each_party() -> None:
    columns: recordings.Columns = {("a", measure): 5 + RNG.random(40) for measure in recordings.MEASURES.values()}
    columns["a", "availability"] = np.ones(40)
    moved = {key: values * 3 for key, values in columns.items() if key[1] == "latency"}
    rows = summary.normal_rows(columns)
    lines = summary.table("x", {"one": rows, "other": rows}).splitlines()
    assert lines[0] == "| x | one | other |"
    assert len(lines) == len(rows) + 2
    broken = dict(summary.trouble_rows([recordings.Trouble(columns, moved)]))
    assert (broken["columns that move, share"], broken["troubles in which nothing moves, share"]) == (1.0, 0.0)
