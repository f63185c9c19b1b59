"""Models say of new windows what they would say of their own."""

from __future__ import annotations

import numpy as np
import pytest

from aiops.analysis.anomaly.scorers.features import FeatureModel
from aiops.analysis.anomaly.scorers.neighbours import NeighbourModel
from aiops.analysis.anomaly.scorers.subspace import SubspaceModel
from aiops.analysis.anomaly.windows import starts


@pytest.mark.parametrize("kind", [FeatureModel, NeighbourModel, SubspaceModel])
def test_what_is_like_the_learnt_scores_lower_than_what_is_not(
    kind: type[FeatureModel | NeighbourModel | SubspaceModel],
) -> None:
    rng = np.random.default_rng(0)
    model = kind.fit(rng.normal(size=400), 20)
    alike, other = model.score(rng.normal(size=100), 20), model.score(rng.normal(4, 1, 100), 20)
    assert alike.shape == other.shape == (len(starts(100, 20)),)
    assert other.min() > np.median(alike)


def test_a_window_is_no_neighbour_of_those_that_it_overlaps() -> None:
    ramp = np.arange(60.0)
    own = NeighbourModel.fit(ramp, 19).score_own(19)
    # the nearest window that does not overlap begins 19 samples later, and all values differ by as much
    assert own[0] == pytest.approx(19 * np.sqrt(19))
