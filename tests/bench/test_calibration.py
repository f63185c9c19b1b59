"""Whether confidence and being right go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.bench.calibration import calibration


def test_who_is_as_right_as_sure_is_calibrated() -> None:
    assert calibration([0.75] * 4, [True, True, True, False]) == {"claims": 4, "brier": 0.1875, "ece": 0.0}
    assert calibration([1.0, 1.0], [True, True]) == {"claims": 2, "brier": 0.0, "ece": 0.0}


def test_who_is_sure_and_wrong_is_not() -> None:
    assert calibration([1.0, 1.0], [False, False]) == {"claims": 2, "brier": 1.0, "ece": 1.0}
    assert calibration([], []) == {"claims": 0, "brier": None, "ece": None}


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_both_are_shares_and_order_does_not_matter(claims: list[tuple[float, bool]]) -> None:
    found, turned = calibration(*zip(*claims, strict=True)), calibration(*zip(*claims[::-1], strict=True))
    for name in ("brier", "ece"):
        value = found[name]
        assert isinstance(value, float)
        assert 0 <= value <= 1
        assert turned[name] == pytest.approx(value, abs=1e-4)
