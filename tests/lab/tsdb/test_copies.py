"""Copies of a store: the same samples, and nothing that happens to one is seen in the other."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from aiops.lab.tsdb import NAME, Matcher, TimeSeriesStore
from aiops.lab.tsdb.block import ROWS

NAMED = (Matcher(NAME, "=", "m"),)
Contents = list[tuple[dict[str, str], list[float], list[float]]]


def filled(rows: int) -> TimeSeriesStore:
    store = TimeSeriesStore()
    ids = [store.series("m", {"i": str(i)}) for i in range(3)]
    for row in range(rows):
        store.append(float(row), ids[: 2 + row % 2], np.array([row, 7.0, -row])[: 2 + row % 2])
    return store


def contents(store: TimeSeriesStore) -> Contents:
    return [(one.labels, one.times.tolist(), one.values.tolist()) for one in store.select(NAMED, 0, 1e6)]


@pytest.mark.parametrize("rows", [1, ROWS, ROWS + 1, 2 * ROWS + 5])
def test_a_copy_holds_the_same_and_goes_its_own_way(rows: int) -> None:
    store = filled(rows)
    before = contents(store)
    copies = [copy.deepcopy(store), pickle.loads(pickle.dumps(store))]
    for other in copies:
        assert contents(other) == before
        new = other.series("m", {"i": "new"})
        other.append(rows + 1.0, [0, new], np.array([5.0, 6.0]))
        assert contents(store) == before
        assert len(contents(other)) == len(before) + 1
    store.append(rows + 1.0, [0], np.array([9.0]))
    assert [len(contents(other)) for other in copies] == [len(before) + 1] * 2


def test_full_blocks_are_shared() -> None:
    store = filled(10 * ROWS + 1)
    other = copy.deepcopy(store)
    assert other._tables[""]._closed[0] is store._tables[""]._closed[0]


def test_what_does_not_change_takes_little() -> None:
    store = TimeSeriesStore()
    ids = np.array([store.series("m", {"i": str(i)}) for i in range(100)])
    constant = np.arange(100.0)
    for row in range(20 * ROWS + 1):
        store.append(float(row), ids, np.where(ids < 10, row * 0.1, constant))
    assert store.nbytes < 2.5 * 20 * ROWS * 100
    assert contents(store)[50][2] == [50.0] * (20 * ROWS + 1)


def test_series_that_are_gone_take_nothing_in_later_blocks() -> None:
    """Pods come and go for days; what the dead ones had is forgotten with the retention."""
    store = TimeSeriesStore(retention=3 * ROWS)
    largest = 0
    for generation in range(40):
        ids = np.array([store.series("m", {"pod": f"{generation}-{i}"}) for i in range(50)])
        for row in range(ROWS):
            store.append(float(generation * ROWS + row), ids, np.random.default_rng(row).random(50))
        largest = max(largest, store.nbytes) if generation >= 10 else store.nbytes
        if generation == 10:
            early = store.nbytes
    assert largest < 1.3 * early
