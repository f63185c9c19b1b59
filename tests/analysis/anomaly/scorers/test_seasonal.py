from __future__ import annotations

import numpy as np
import pytest

from aiops.analysis.anomaly.scorers.seasonal import period_of
from aiops.analysis.anomaly.windows import standardised


@pytest.mark.parametrize("period", [12, 24, 60])
def test_the_shortest_season_is_found(period: int) -> None:
    rng = np.random.default_rng(1)
    values = np.sin(np.arange(period * 14) / period * 2 * np.pi) + rng.normal(0, 0.2, period * 14)
    found = period_of(standardised(values))
    assert found is not None
    assert abs(found - period) <= 1


def test_a_week_that_holds_days_is_a_season_where_days_differ() -> None:
    days = [3, 3, 3, 3, 3, 0.5, 0.5]
    values = np.concatenate([np.sin(np.arange(24) / 24 * 2 * np.pi) * size for size in days * 6])
    assert period_of(standardised(values)) in (24, 168)


def test_noise_and_trends_have_no_season() -> None:
    assert period_of(standardised(np.random.default_rng(2).normal(size=500))) is None
    assert period_of(standardised(np.arange(500.0))) is None
    assert period_of(np.zeros(100)) is None
