"""VUS-PR against figures that were computed by hand from the paper's definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.evals.vus import range_auc_pr, ranges, softened, vus_pr

LABELS = np.array([False, False, True, True, False, False])
HALF = math.sqrt(0.5)


def test_labels_fall_off_within_half_a_buffer() -> None:
    assert softened(LABELS, 0).tolist() == [0, 0, 1, 1, 0, 0]
    assert softened(LABELS, 1).tolist() == [0, 0, 1, 1, 0, 0]
    assert softened(LABELS, 2) == pytest.approx([0, HALF, 1, 1, HALF, 0])
    assert softened(LABELS, 4) == pytest.approx([HALF, math.sqrt(0.75), 1, 1, math.sqrt(0.75), HALF])


def test_buffers_end_at_the_ends_of_a_series_and_add_up_to_at_most_one() -> None:
    assert softened(np.array([True, False]), 10) == pytest.approx([1, math.sqrt(0.9)])
    assert softened(np.array([True, False, True]), 2) == pytest.approx([1, 1, 1])


def test_ranges_are_runs() -> None:
    assert ranges(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert ranges(np.array([False])) == []


def test_without_a_buffer_it_is_the_area_under_the_curve() -> None:
    perfect = np.array([0.0, 0.0, 1.0, 0.9, 0.0, 0.0])
    assert range_auc_pr(LABELS, perfect, 0) == pytest.approx(1.0)
    # thresholds .9 (one wrong sample: precision 0), then all six at once (recall 1, precision 1/3)
    worst = np.array([0.9, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert range_auc_pr(LABELS, worst, 0) == pytest.approx((0 + 1 / 3) / 2)


def test_a_buffer_by_hand() -> None:
    # softened: 0 h 1 1 h 0 with h = sqrt(.5); positives (2 + 2 + 2h) / 2 = 2 + h
    # threshold .9 finds sample 1: tp = h, recall h / (2 + h), precision h
    # threshold 0 finds all: tp = 2 + 2h, recall min((2 + 2h) / (2 + h), 1) = 1, precision (2 + 2h) / 6
    early = np.array([0.0, 0.9, 0.0, 0.0, 0.0, 0.0])
    recall, precision, rest = HALF / (2 + HALF), HALF, (2 + 2 * HALF) / 6
    expected = recall * (1 + precision) / 2 + (1 - recall) * (precision + rest) / 2
    assert range_auc_pr(LABELS, early, 2) == pytest.approx(expected)


def test_recall_counts_the_ranges_that_were_found() -> None:
    labels = np.array([True, False, True, False])
    # threshold .9: tp 1 of 2, one range of two: recall .25, precision 1; .5: the other range too: recall 1, precision 1
    scores = np.array([0.9, 0.0, 0.5, 0.0])
    assert range_auc_pr(labels, scores, 0) == pytest.approx(1.0)
    # threshold .9: a wrong one, precision 0; .5: tp 1 of 2, one range of two: recall .25, precision .5; 0: recall 1, .5
    scores = np.array([0.5, 0.9, 0.0, 0.0])
    assert range_auc_pr(labels, scores, 0) == pytest.approx(0.25 * 0.25 + 0.75 * 0.5)


def test_the_volume_is_the_mean_over_buffers() -> None:
    scores = np.array([0.1, 0.8, 0.7, 0.2, 0.3, 0.0])
    areas = [range_auc_pr(LABELS, scores, buffer) for buffer in range(5)]
    assert vus_pr(LABELS, scores, 4) == pytest.approx(np.mean(areas))


SERIES = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40).filter(
    lambda rows: any(row[0] for row in rows) and not all(row[0] for row in rows)
)


@given(SERIES, st.integers(0, 10))
def test_it_is_a_share_and_only_the_order_of_scores_matters(rows: list[tuple[bool, int]], buffer: int) -> None:
    labels, scores = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
    found = vus_pr(labels, scores, buffer)
    assert 0.0 <= found <= 1.0 + 1e-9
    assert vus_pr(labels, np.exp(scores) * 3 - 1, buffer) == pytest.approx(found)
    assert vus_pr(labels[::-1], scores[::-1], buffer) == pytest.approx(found)
