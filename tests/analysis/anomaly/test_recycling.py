from __future__ import annotations

import numpy as np
import pytest

from aiops.analysis.anomaly.recycling import COUNTING, opinions


def weeks(seed: int = 0) -> np.ndarray:
    """Eight parts: busy, calm, busy, calm, ...; the last one is calm and holds an anomaly."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(10 if part % 2 == 0 else 2, 1, 200) for part in range(8)]
    parts[-1][100:140] = rng.normal(10, 1, 40)
    return np.concatenate(parts)


def test_each_part_is_scored_by_the_models_of_all_parts_before_it() -> None:
    found = opinions(weeks(), 8, 10)
    assert [(period.first, period.end) for period in found] == [(200 * i, 200 * i + 200) for i in range(1, 8)]
    assert [period.scores.shape for period in found] == [(i, 200) for i in range(1, 8)]
    assert all(len(period.misfits) == len(period.scores) for period in found)


def test_what_recurs_is_known_to_an_old_model_and_not_to_the_newest() -> None:
    period = opinions(weeks(), 8, 10)[5]  # busy, after a calm part
    assert np.median(period.scores[-1]) > 5 * np.median(period.scores[-2])


def test_recycled_scores_are_the_mean_of_the_best_fitting_models() -> None:
    period = opinions(weeks(), 8, 10)[-1]
    best = np.argsort(period.misfits)[:COUNTING]
    assert period.recycled() == pytest.approx(period.scores[best].mean(axis=0))
    assert (period.newest() == period.scores[-1]).all()


def test_gaps_are_bridged_and_short_series_have_no_opinions() -> None:
    values = weeks()
    values[::7] = np.nan
    assert np.isfinite(opinions(values, 8, 10)[-1].recycled()).all()
    assert opinions(np.full(1600, np.nan), 8, 10) == []
    assert opinions(weeks()[:100], 8, 10) == []
    assert len(opinions(np.ones(1600), 8, 10)) == 7
