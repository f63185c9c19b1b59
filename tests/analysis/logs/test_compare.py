from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.compare import compare


def test_new_vanished_more_and_less() -> None:
    before = {"steady": 1000, "gone": 500, "busy": 100, "quiet": 1000}
    after = {"steady": 250, "fresh": 3, "busy": 100, "quiet": 50}
    found = {c.template: c.kind for c in compare(before, 1200, after, 300)}
    assert found == {"gone": "vanished", "fresh": "new", "busy": "more", "quiet": "less"}


def test_rates_are_a_second_and_the_most_surprising_comes_first() -> None:
    found = compare({"a": 12}, 1200, {"a": 300, "b": 3}, 300)
    assert [c.template for c in found] == ["a", "b"]
    assert (found[0].baseline_rate, found[0].rate) == (0.01, 1.0)


def test_windows_without_length_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        compare({}, 0, {}, 10)


def test_chance_is_seldom_called_a_change() -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(5 * 4, 1000), rng.poisson(5, 1000)
    before = {f"t{i}": int(n) for i, n in enumerate(counts[0])}
    after = {f"t{i}": int(n) for i, n in enumerate(counts[1])}
    assert len(compare(before, 1200, after, 300)) <= 2


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500)), st.floats(1, 1000))
def test_the_same_counts_are_no_change(counts: dict[str, int], seconds: float) -> None:
    assert compare(counts, seconds, counts, seconds) == []
