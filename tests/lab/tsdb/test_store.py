"""The time series store."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.lab.tsdb import NAME, Matcher, TimeSeriesStore, labels_of
from aiops.lab.tsdb.block import ROWS

START = 1_700_000_000.0


def is_named(name: str) -> tuple[Matcher, ...]:
    return (Matcher(NAME, "=", name),)


def test_equal_labels_are_one_series() -> None:
    store = TimeSeriesStore()
    first = store.series("up", {"job": "a", "pod": "x"})
    assert store.series("up", {"pod": "x", "job": "a", "empty": ""}) == first
    assert store.series("up", {"job": "b"}) != first
    assert len(store) == 2


def test_samples_come_back_as_they_were_written() -> None:
    store = TimeSeriesStore()
    ids = [store.series("m", {"i": str(i)}) for i in range(3)]
    for row in range(4):
        store.append(START + 15 * row, ids, np.array([row, 10.0 * row, -row]))
    series = store.select(is_named("m"), START, START + 45)
    assert [one.labels for one in series] == [{NAME: "m", "i": str(i)} for i in range(3)]
    assert series[1].times.tolist() == [START, START + 15, START + 30, START + 45]
    assert series[1].values.tolist() == [0.0, 10.0, 20.0, 30.0]


def test_the_window_is_closed_on_both_sides() -> None:
    store = TimeSeriesStore()
    one = store.series("m", {})
    for row in range(5):
        store.append(START + row, [one], np.array([float(row)]))
    (found,) = store.select(is_named("m"), START + 1, START + 3)
    assert found.values.tolist() == [1.0, 2.0, 3.0]


def test_a_series_that_is_not_scraped_has_a_gap() -> None:
    store = TimeSeriesStore()
    a, b = store.series("m", {"i": "a"}), store.series("m", {"i": "b"})
    store.append(START, [a, b], np.array([1.0, 2.0]))
    store.append(START + 15, [b], np.array([3.0]))
    store.append(START + 30, [a], np.array([4.0]))
    first, second = store.select(is_named("m"), START, START + 30)
    assert first.values.tolist() == [1.0, 4.0]
    assert second.times.tolist() == [START, START + 15]


def test_a_series_may_come_later_and_old_blocks_stay_readable() -> None:
    store = TimeSeriesStore()
    a = store.series("m", {"i": "a"})
    for row in range(ROWS + 5):
        store.append(START + row, [a], np.array([float(row)]))
    b = store.series("m", {"i": "b"})
    store.append(START + ROWS + 5, [a, b], np.array([0.5, 0.25]))
    first, second = store.select(is_named("m"), START, START + ROWS + 5)
    assert len(first.values) == ROWS + 6
    assert second.values.tolist() == [0.25]


def test_time_must_move_on_within_a_target_only() -> None:
    store = TimeSeriesStore()
    a, b = store.series("m", {"i": "a"}), store.series("m", {"i": "b"})
    store.append(START, [a], np.array([1.0]), target="one")
    store.append(START - 5, [b], np.array([2.0]), target="two")
    with pytest.raises(InvalidInputError, match="'one'"):
        store.append(START, [a], np.array([1.0]), target="one")
    assert len(store.frames(is_named("m"), 0, 10**15)) == 2


def test_a_series_belongs_to_one_target() -> None:
    store = TimeSeriesStore()
    a = store.series("m", {})
    store.append(START, [a], np.array([1.0]), target="one")
    with pytest.raises(InvalidInputError, match="another target"):
        store.append(START, [a], np.array([1.0]), target="two")


def test_old_blocks_are_forgotten() -> None:
    store = TimeSeriesStore(retention=60)
    a = store.series("m", {})
    for row in range(3 * ROWS):
        store.append(START + row, [a], np.array([float(row)]))
    (found,) = store.select(is_named("m"), 0, START + 3 * ROWS)
    assert found.times[0] >= START + ROWS
    assert found.times[0] <= START + 3 * ROWS - 60


def test_label_sets_are_those_with_samples_in_the_window() -> None:
    store = TimeSeriesStore()
    a, b = store.series("m", {"i": "a"}), store.series("m", {"i": "b"})
    store.series("m", {"i": "never scraped"})
    store.append(START, [a], np.array([1.0]))
    store.append(START + 15, [b], np.array([1.0]))
    assert store.labels(is_named("m"), START + 10, START + 20) == [labels_of({NAME: "m", "i": "b"})]
    assert len(store.labels(is_named("m"), START, START + 900)) == 2
    assert store.labels(is_named("m"), START + 16, START + 900) == []


def test_label_sets_stay_the_same_objects_while_the_same_series_are_there() -> None:
    store = TimeSeriesStore()
    ids = [store.series("m", {"i": i}) for i in "ab"]
    store.append(START, ids, np.ones(2))
    (before,) = store.label_sets(is_named("m"), START - 900, START)
    store.append(START + 15, ids, np.ones(2))
    (after,) = store.label_sets(is_named("m"), START - 900, START + 15)
    assert after is before


@pytest.mark.parametrize(
    ("matchers", "expected"),
    [
        ([Matcher("job", "=", "api")], ["api/1", "api/2"]),
        ([Matcher("job", "!=", "api")], ["db/1", "/3"]),
        ([Matcher("job", "=", "")], ["/3"]),
        ([Matcher("job", "!=", "")], ["api/1", "api/2", "db/1"]),
        ([Matcher("job", "=~", "a.*|d.")], ["api/1", "api/2", "db/1"]),
        ([Matcher("job", "=~", "p")], []),
        ([Matcher("job", "!~", "a.*")], ["db/1", "/3"]),
        ([Matcher("job", "=", "api"), Matcher("i", "=", "2")], ["api/2"]),
        ([Matcher("nothing", "=~", ".*")], ["api/1", "api/2", "db/1", "/3"]),
        ([Matcher("nothing", "=", "x")], []),
    ],
)
def test_matchers(matchers: list[Matcher], expected: list[str]) -> None:
    store = TimeSeriesStore()
    ids = [store.series("m", {"job": job, "i": i}) for job, i in (("api", "1"), ("api", "2"), ("db", "1"), ("", "3"))]
    store.append(START, ids, np.ones(4))
    found = store.select([*is_named("m"), *matchers], START, START)
    assert [f"{one.labels.get('job', '')}/{one.labels['i']}" for one in found] == expected


def test_a_new_series_is_found_by_a_search_that_was_made_before() -> None:
    store = TimeSeriesStore()
    store.append(START, [store.series("m", {"i": "a"})], np.ones(1))
    assert len(store.select(is_named("m"), START, START)) == 1
    store.append(START + 1, [store.series("m", {"i": "b"})], np.ones(1))
    assert len(store.select(is_named("m"), START, START + 1)) == 2


def test_a_bad_pattern_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"'\('"):
        Matcher("job", "=~", "(")


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y", "xy"]), max_size=3)
MATCHERS = st.builds(
    Matcher,
    st.sampled_from("abcd"),
    st.sampled_from(["=", "!=", "=~", "!~"]),
    st.sampled_from(["", "x", "y", "x|y", ".*", ".+", "x."]),
)


@given(st.lists(LABELS, max_size=12), st.lists(MATCHERS, max_size=3))
def test_the_index_finds_what_a_scan_finds(label_sets: list[dict[str, str]], matchers: list[Matcher]) -> None:
    store = TimeSeriesStore()
    ids = [store.series("m", labels) for labels in label_sets]
    store.append(START, ids, np.ones(len(ids)))
    expected = {
        labels_of({**labels, NAME: "m"})
        for labels in label_sets
        if all(matcher.matches(labels.get(matcher.name, "")) for matcher in matchers)
    }
    assert set(store.labels([*is_named("m"), *matchers], START, START)) == expected


ROWS_OF_SAMPLES = st.lists(
    st.dictionaries(st.integers(0, 5), st.floats(-1e9, 1e9), max_size=6), min_size=1, max_size=2 * ROWS + 3
)


@given(ROWS_OF_SAMPLES, st.integers(0, 300), st.integers(0, 300))
def test_the_store_agrees_with_a_dictionary(rows: list[dict[int, float]], start: int, end: int) -> None:
    store = TimeSeriesStore()
    for moment, row in enumerate(rows):
        ids = [store.series("m", {"i": str(i)}) for i in row]
        store.append(float(moment), ids, np.array(list(row.values())))
    found = {
        (series.labels["i"], time): value
        for series in store.select(is_named("m"), start, end)
        for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True)
    }
    assert found == {
        (str(i), float(moment)): value
        for moment, row in enumerate(rows)
        if start <= moment <= end
        for i, value in row.items()
    }
    assert {dict(labels)["i"] for labels in store.labels(is_named("m"), start, end)} == {i for i, _ in found}


def test_a_sample_may_be_no_number() -> None:
    """Only what is left out of a scrape is missing; NaN is a value, as in Prometheus."""
    store = TimeSeriesStore()
    ids = [store.series("m", {"i": i}) for i in "ab"]
    for row in range(ROWS + 2):
        store.append(START + row, ids, np.array([np.nan, float(row)]))
    first, second = store.select(is_named("m"), START, START + ROWS + 2)
    assert len(first.values) == len(second.values) == ROWS + 2
    assert np.isnan(first.values).all()


def test_the_newest_scrape_at_each_moment() -> None:
    store = TimeSeriesStore()
    a, b = store.series("m", {"i": "a"}), store.series("m", {"i": "b"})
    store.append(1.0, [a], np.array([10.0]))
    store.append(2.0, [a, b], np.array([11.0, 20.0]))
    store.append(9.0, [b], np.array([21.0]))
    (frame,) = store.newest(is_named("m"), np.array([500, 1000, 2500, 5001, 9000], dtype=np.int64), 3000)
    assert frame.present.T.tolist() == [[False, True, True, False, False], [False, False, True, False, True]]
    assert frame.values[2].tolist() == [11.0, 20.0]
    assert store.newest(is_named("m"), np.array([20_000], dtype=np.int64), 3000) == []


def test_a_selection_stays_the_same_object_until_a_matching_series_comes() -> None:
    store = TimeSeriesStore()
    store.append(1.0, [store.series("m", {"i": "a"})], np.ones(1))
    (before,) = store.frames(is_named("m"), 0, 5000)
    store.append(2.0, [store.series("m", {"i": "a"}), store.series("other", {})], np.ones(2))
    (same,) = store.frames(is_named("m"), 0, 5000)
    assert same.labels is before.labels
    store.append(3.0, [store.series("m", {"i": "b"})], np.ones(1))
    (more,) = store.frames(is_named("m"), 0, 5000)
    assert [dict(labels)["i"] for labels in more.labels] == ["a", "b"]


def test_series_that_come_late_have_no_earlier_samples_and_leave_none_behind() -> None:
    store = TimeSeriesStore()
    ids = [store.series("m", {"i": str(i)}) for i in range(9)]
    for row in range(1, 10):
        store.append(START + row, ids[:row], np.full(row, float(row)))
    store.append(START + 10, [ids[0], ids[0]], np.array([10.0, 11.0]))
    found = store.select(is_named("m"), START, START + 20)
    assert [len(one.times) for one in found] == [10, 8, 7, 6, 5, 4, 3, 2, 1]
    assert [one.times[0] - START for one in found] == list(range(1, 10))


def test_a_batch_follows_what_comes_to_the_store() -> None:
    store = TimeSeriesStore()
    batch = store.batch([is_named("m"), is_named("n")])
    assert batch.refresh()
    assert len(batch) == 0
    first = store.series("m", {"i": "a"})
    assert batch.refresh()
    assert [len(share.places) for share in batch.shares] == []
    store.append(START, [first], np.array([1.0]), "x")
    assert batch.refresh()
    store.append(START, [store.series("n", {}), store.series("other", {})], np.array([1.0, 2.0]), "y")
    kept = batch.labels(0)
    assert batch.refresh()
    assert batch.labels(0) is kept
    assert [share.places.tolist() for share in batch.shares] == [[0], [1]]
    assert (batch.places(0), batch.places(1), len(batch)) == (slice(0, 1), slice(1, 2), 2)
    assert not batch.refresh()
    store.append(START + 1, [store.series("other", {"i": "b"})], np.array([3.0]), "z")
    assert not batch.refresh()


def test_series_that_came_after_a_search_by_a_label_are_found_by_it() -> None:
    store = TimeSeriesStore()
    by_label = (Matcher("pod", "=~", "a.*"),)
    first = store.series("m", {"pod": "a1"})
    assert store.find(by_label).ids.tolist() == [first]
    second, _, third = (store.series("n", {"pod": pod}) for pod in ("a2", "b1", "a1"))
    copied = copy.deepcopy(store)
    for one in (store, copied):
        assert one.find(by_label).ids.tolist() == [first, second, third]
        assert one.find((Matcher("pod", "=", "a1"),)).ids.tolist() == [first, third]
        assert one.find((Matcher(NAME, "!=", "m"), Matcher("pod", "!=", "b1"))).ids.tolist() == [second, third]
    assert store.extent(["m", "n", "gone"]) == (0, 1, 3, 0)
