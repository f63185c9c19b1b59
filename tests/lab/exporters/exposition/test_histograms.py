"""Series of histograms against a plain sum over rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.histograms import Histograms
from aiops.lab.traffic.telemetry.tallies import BOUNDS
from aiops.lab.tsdb import TimeSeriesStore

OUTCOMES = [{"code": "200"}, {"code": "500"}]
SECONDS = 0.06
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=8)


def _tallies(rows: list[tuple[str, float, float]]) -> FloatArray:
    """(rows, outcomes, cells): requests that took `SECONDS` each."""
    counts = np.array([row[1:] for row in rows])
    values = np.zeros((len(rows), len(OUTCOMES), len(BOUNDS) + 2))
    values[:, :, : len(BOUNDS)] = counts[:, :, None] * (BOUNDS >= SECONDS)
    values[:, :, -2], values[:, :, -1] = counts, counts * SECONDS
    return values


@given(ROWS)
def test_rows_with_equal_labels_are_added_up(rows: list[tuple[str, float, float]]) -> None:
    store = TimeSeriesStore()
    histograms = Histograms(store, "h", OUTCOMES, counter="n")
    histograms.adopt(range(len(rows)), [{"route": row[0]} for row in rows], [ord(row[0]) for row in rows])
    values = histograms.values(_tallies(rows))
    store.append(1.0, histograms.sheet.ids, values)
    found = {
        (s.name, s.labels["route"], s.labels["code"], s.labels.get("le")): s.values[0] for s in store.select([], 1, 1)
    }
    for route in "abc":
        for outcome, code in enumerate(("200", "500")):
            total = sum(counts[outcome] for name, *counts in rows if name == route)
            if total < 1 - 1e-6:
                assert ("h_count", route, code, None) not in found
                continue
            count = np.floor(total + 1e-6)
            assert found["h_count", route, code, None] == found["n", route, code, None] == count
            assert found["h_bucket", route, code, "+Inf"] == found["h_bucket", route, code, "0.075"] == count
            assert found["h_bucket", route, code, "0.05"] == 0
            assert abs(found["h_sum", route, code, None] - total * SECONDS) < 1e-9
    assert all(chr(owner) in "abc" for owner in histograms.sheet.owners.tolist())


def test_a_series_that_stays_has_the_very_same_sheet() -> None:
    store = TimeSeriesStore()
    histograms = Histograms(store, "h", OUTCOMES)
    histograms.adopt([0], [{"route": "a"}], [0])
    histograms.values(_tallies([("a", 3, 0)]))
    sheet = histograms.sheet
    histograms.values(_tallies([("a", 9, 0.5)]))
    assert histograms.sheet is sheet
    histograms.values(_tallies([("a", 9, 1)]))
    assert len(histograms.sheet.ids) == 2 * len(sheet.ids)
