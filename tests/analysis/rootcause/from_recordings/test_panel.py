"""Samples on a grid: kinds by name, counters and their resets, gaps, clocks of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.rootcause.from_recordings.kinds import Kind, kind_of
from aiops.analysis.rootcause.from_recordings.levels import block_means, column_quantiles, mean_rows
from aiops.analysis.rootcause.from_recordings.panel import Panel, panel
from aiops.analysis.rootcause.from_recordings.recording import Samples


def made(series: dict[tuple[int, str], list[tuple[float, float]]], declared: dict[str, str] | None = None) -> Panel:
    names = tuple(dict.fromkeys(name for _, name in series))
    rows = [(t, e, names.index(n), v) for (e, n), points in series.items() for t, v in points]
    time, entity, metric, value = (np.array(column) for column in zip(*rows, strict=True))
    found = panel(Samples(time.astype(float), entity, metric, value.astype(float), names, declared or {}))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "declared", "kind"),
    [
        ("latency_p99", "", Kind.LATENCY),
        ("http.server.requestDuration", "", Kind.LATENCY),
        ("http_server_request_duration_seconds_count", "counter", Kind.TRAFFIC),
        ("availability Average", "", Kind.SUCCESS),
        ("availability", "errors", Kind.SUCCESS),
        ("5xx", "", Kind.ERRORS),
        ("workload", "", Kind.TRAFFIC),
        ("container_network_receive_errors_total", "", Kind.RESOURCE),
        ("whatever", "latency", Kind.LATENCY),
        ("cpu", "gauge", Kind.RESOURCE),
        ("something", "", Kind.RESOURCE),
    ],
)
def test_the_kind_of_a_metric(name: str, declared: str, kind: Kind) -> None:
    assert kind_of(name, declared) == kind


def test_a_counter_is_a_rate_and_begins_at_zero_after_a_reset() -> None:
    found = made(
        {(0, "requests_total"): [(0, 100), (10, 120), (20, 140), (30, 5), (40, 25)]}, {"requests_total": "counter"}
    )
    assert found.values[:, 0].tolist()[1:] == [2.0, 2.0, 0.5, 2.0]
    assert np.isnan(found.values[0, 0])


def test_a_sum_that_falls_is_no_counter() -> None:
    assert made({(0, "requests count"): [(t, 5 + t % 3) for t in range(20)]}).values[0, 0] == 5


def test_a_counter_over_a_gap_keeps_its_rate() -> None:
    points = [(t, 2.0 * t) for t in range(0, 200, 10) if not 50 < t < 120]
    values = made({(0, "a_total"): points, (1, "a_total"): [(t, 0.1 * t) for t in range(0, 200, 10)]}).values
    assert np.allclose(values[~np.isnan(values[:, 0]), 0], 2.0)


def test_success_is_failure_upside_down_in_either_unit() -> None:
    found = made({(0, "availability"): [(0, 100.0), (1, 97.0)], (0, "success_rate"): [(0, 1.0), (1, 0.9)]})
    assert np.allclose(found.values[1], [3.0, 0.1])
    assert found.unit.tolist() == [1.0, 0.01]
    assert set(found.kinds) == {Kind.ERRORS}


def test_series_with_clocks_of_their_own_share_rows() -> None:
    found = made({(e, "cpu"): [(10.0 * t + e * 0.7, float(e)) for t in range(20)] for e in range(8)})
    assert found.values.shape == (20, 8)
    assert not np.isnan(found.values).any()


def test_nothing_finite_is_no_panel() -> None:
    nothing = np.array([np.nan])
    assert panel(Samples(np.zeros(1), np.zeros(1, dtype=int), np.zeros(1, dtype=int), nothing, ("cpu",))) is None


values_with_gaps = st.lists(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=3, max_size=3), min_size=1, max_size=20
)


@given(values_with_gaps, st.floats(0, 1))
def test_quantiles_of_columns_are_those_of_numpy(rows: list[list[float]], share: float) -> None:
    values = np.array(rows)
    (found,) = column_quantiles(values, (share,))
    for column in range(3):
        known = values[~np.isnan(values[:, column]), column]
        if len(known):
            assert np.isclose(found[column], np.quantile(known, share), rtol=1e-6, atol=1e-6)
        else:
            assert np.isnan(found[column])


def test_means_leave_gaps_out() -> None:
    values = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, 8.0]])
    assert np.allclose(mean_rows(values, np.ones(3)), [2.0, 8.0])
    assert np.allclose(block_means(values[:2], 1)[:, 0], [1.0, 3.0])
    assert block_means(values, 4).shape == (0, 2)


def test_series_that_share_no_step_get_coarser_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiops.analysis.rootcause.from_recordings.panel.MOST_CELLS", 400)
    rng = np.random.default_rng(0)
    found = made({(e, "cpu"): [(float(t), 1.0) for t in np.sort(rng.uniform(0, 1000, 50))] for e in range(8)})
    assert found.values.size <= 400
    assert (np.diff(found.times) > 0).all()
