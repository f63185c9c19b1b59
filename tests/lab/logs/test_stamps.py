"""The clocks by which container runtimes stamp lines."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.logs.stamps import Stamps, Window

CHANGES = st.lists(st.tuples(st.integers(1, 50), st.sampled_from([0.0, 500.0, -300.0])), max_size=5)


def test_a_right_clock_stamps_lines_as_they_are_written() -> None:
    stamps = Stamps()
    stamps.note(10.0, {"other": 5.0})
    assert stamps.windows("node", 3.0, 20.0) == [Window(3.0, 20.0, 0.0)]


def test_a_clock_that_is_set_leaves_a_gap_and_one_that_is_set_back_comes_again() -> None:
    stamps = Stamps()
    stamps.note(100.0, {"node": 500.0})
    stamps.note(200.0, {})
    assert stamps.windows("node", 150.0, 160.0) == []
    assert [w.ahead for w in stamps.windows("node", -inf, inf)] == [0.0, 500.0, 0.0]
    assert [w.ahead for w in stamps.windows("node", 610.0, 650.0)] == [500.0, 0.0]


@given(CHANGES, st.floats(0, 1000), st.floats(-500, 1500), st.floats(0, 800))
def test_a_line_is_found_once_and_by_its_stamp(
    changes: list[tuple[int, float]], moment: float, since: float, length: float
) -> None:
    stamps, now, ahead = Stamps(), 0.0, 0.0
    for seconds, offset in changes:
        now += seconds * 5
        stamps.note(now, {"node": offset} if offset else {})
        ahead = offset if moment >= now else ahead
    inside = since <= moment + ahead <= since + length
    found = [w for w in stamps.windows("node", since, since + length) if w.since <= moment <= w.until]
    if min(abs(moment + ahead - since), abs(moment + ahead - since - length)) > 1e-6:
        assert [w.ahead for w in found] == ([ahead] if inside else [])
