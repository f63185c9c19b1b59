"""The arithmetic of rolling updates."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.control.workloads.rollout import (
    Bounds,
    Size,
    bounds,
    in_proportion,
    new_replicas,
    removable,
    without_broken,
    without_spare,
)

counts = st.integers(0, 30)
limits = st.builds(Bounds, st.integers(0, 5), st.integers(0, 5)).filter(lambda b: b.surge or b.unavailable)


@st.composite
def sizes(draw: st.DrawFn) -> Size:
    replicas = draw(counts)
    return Size(replicas, draw(st.integers(0, replicas)))


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "expected"),
    [
        ("25%", "25%", 4, Bounds(1, 1)),
        ("25%", "25%", 2, Bounds(1, 0)),
        ("25%", "25%", 10, Bounds(3, 2)),
        (0, "1%", 2, Bounds(0, 1)),
        ("100%", 0, 3, Bounds(3, 0)),
        (2, 1, 5, Bounds(2, 1)),
        ("25%", "25%", 0, Bounds(0, 0)),
    ],
)
def test_percentages(surge: Any, unavailable: Any, replicas: int, expected: Bounds) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    assert bounds(strategy, replicas) == expected


def shrink_old(wanted: int, limit: Bounds, new: Size, old: list[Size]) -> list[int]:
    """Both steps of one look at the old versions."""
    most = removable(wanted, limit, new, old)
    if most <= 0:
        return [size.replicas for size in old]
    fewer = without_broken(old, most)
    return without_spare(fewer, sum(size.available for size in (new, *old)) - (wanted - limit.unavailable))


@given(counts, limits, counts, counts)
def test_the_new_version_never_exceeds_what_is_wanted(wanted: int, limit: Bounds, new: int, old: int) -> None:
    size = new_replicas(wanted, limit, new, new + old)
    assert size <= wanted
    assert size == wanted or size >= new
    assert size <= new or size + old <= wanted + limit.surge


@given(counts, limits, sizes(), st.lists(sizes(), max_size=4))
def test_old_versions_shrink_within_what_may_be_missing(wanted: int, limit: Bounds, new: Size, old: list[Size]) -> None:
    after = shrink_old(wanted, limit, new, old)
    assert all(0 <= size <= item.replicas for size, item in zip(after, old, strict=True))
    # Pods that work go last, so of a version that keeps `size` pods at most that many work.
    left = new.available + sum(min(size, item.available) for size, item in zip(after, old, strict=True))
    before = new.available + sum(item.available for item in old)
    assert left >= min(before, wanted - limit.unavailable)


@given(st.integers(1, 30), limits)
def test_a_rollout_in_which_every_pod_starts_comes_to_its_end(wanted: int, limit: Bounds) -> None:
    new, old = 0, wanted
    for _ in range(4 * wanted + 4):
        new = new_replicas(wanted, limit, new, new + old)
        (old,) = shrink_old(wanted, limit, Size(new, new), [Size(old, old)])
        assert wanted - limit.unavailable <= new + old <= wanted + limit.surge
    assert (new, old) == (wanted, 0)


@given(st.lists(st.integers(1, 40), min_size=2, max_size=5), st.integers(0, 100), st.integers(0, 5))
def test_scaling_in_proportion_gives_the_total(values: list[int], wanted: int, surge: int) -> None:
    entries = [(value, sum(values)) for value in sorted(values, reverse=True)]
    result = in_proportion(entries, wanted, Bounds(surge, 0))
    target = wanted + surge if wanted else 0
    assert min(result) >= 0
    if target >= sum(values) or not wanted:
        assert sum(result) == target
    else:
        assert target <= sum(result) <= target + len(values)


def test_scaling_in_proportion_as_the_documentation_has_it() -> None:
    """10 replicas with a surge of 3, 8 old and 5 new ones, scaled to 15: the old take 3 more, the new 2."""
    assert in_proportion([(8, 13), (5, 13)], 15, Bounds(3, 2)) == [11, 7]
