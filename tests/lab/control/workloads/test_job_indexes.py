"""Sets of completion indexes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.control.workloads.job_indexes import Indexes, indexes, parse_indexes

numbers = st.sets(st.integers(0, 30))


@pytest.mark.parametrize(
    ("given_", "text"), [([], ""), ([3], "3"), ([1, 2], "1,2"), ([1, 2, 3, 7], "1-3,7"), ([0, 2, 4, 5, 6], "0,2,4-6")]
)
def test_written_as_kubernetes_does(given_: list[int], text: str) -> None:
    assert str(indexes(given_)) == text


@pytest.mark.parametrize("text", ["x", "1-y", "-", "7-9x", "3,,4"])
def test_what_is_no_interval_is_left_out(text: str) -> None:
    assert set(range(10)) >= {number for number in range(10) if number in parse_indexes(text, 10)}


@given(numbers, numbers)
def test_they_behave_like_sets(one: set[int], other: set[int]) -> None:
    a, b = indexes(one), indexes(other)
    assert parse_indexes(str(a), 31) == a
    assert (a | b) == indexes(one | other)
    assert (a & b) == len(one & other)
    assert len(a) == len(one)
    assert [number for number in range(31) if number in a] == sorted(one)


@given(numbers, st.integers(0, 40), st.integers(0, 35))
def test_missing_ones_come_in_order(one: set[int], count: int, end: int) -> None:
    assert indexes(one).missing(count, end) == [number for number in range(end) if number not in one][:count]


def test_nothing_is_missing_of_nothing() -> None:
    assert Indexes().missing(5, 0) == []
