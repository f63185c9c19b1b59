"""Selections that are read together, again and again: each table is asked once for the series of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aiops.lab.tsdb.block import IntArray
from aiops.lab.tsdb.index import Selection
from aiops.lab.tsdb.label_sets import LabelSets
from aiops.lab.tsdb.labels import NAME
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.tsdb.table import Table

if TYPE_CHECKING:
    from aiops.lab.tsdb.store import TimeSeriesStore


@dataclass(frozen=True, slots=True)
class Share:
    """What one table has of a batch: its `columns`, and the `places` of these series in the batch, where their labels
    are; `nameless`: as many label sets without any."""

    table: Table
    columns: IntArray
    places: IntArray
    nameless: LabelSets


class Batch:
    """A series of the first selection has the first place, and so on; one that was never scraped has a place, too.
    `refresh` before anything else is asked, whenever the store may have other series. Each search names a metric."""

    def __init__(self, store: TimeSeriesStore, searches: Sequence[Sequence[Matcher]]) -> None:
        self._store = store
        self._searches = searches
        self._forget()

    def _forget(self) -> None:
        self._state: tuple[int, ...] = ()
        self._metrics: list[str] = []
        self._found: list[Selection] = []
        self._all_scraped = False
        self._starts: list[int] = [0]
        self.shares: list[Share] = []

    def __getstate__(self) -> dict[str, Any]:
        return {"store": self._store, "searches": self._searches}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._store, self._searches = state["store"], state["searches"]
        self._forget()

    def __len__(self) -> int:
        """Places."""
        return self._starts[-1]

    def labels(self, number: int) -> LabelSets:
        """Those of one selection; the very same object as before where no series came to it."""
        return self._found[number].labels

    def places(self, number: int) -> slice:
        """Those of one selection."""
        return slice(self._starts[number], self._starts[number + 1])

    def refresh(self) -> bool:
        """Take in series that have come. Returns whether there are any here."""
        if len(self._metrics) != len(self._searches):
            self._metrics = [_metric(search) for search in self._searches]
        state = self._store.extent(self._metrics)
        if state[1:] == self._state[1:] and (self._all_scraped or state == self._state) and self._found:
            return False
        self._state = state
        found = [self._store.find(search) for search in self._searches]
        same = len(found) == len(self._found) and all(a is b for a, b in zip(found, self._found, strict=True))
        if same and self._all_scraped:
            return False
        self._found = found
        self._starts = np.cumsum([0, *(len(one.ids) for one in found)]).tolist()
        self.shares = list(self._split())
        self._all_scraped = sum(len(share.places) for share in self.shares) == len(self)
        return True

    def _split(self) -> Iterator[Share]:
        ids = np.concatenate([np.zeros(0, dtype=np.int64), *(one.ids for one in self._found)])
        for table, columns, places in self._store.by_table(ids):
            yield Share(table, columns, places, LabelSets([()] * len(places)))


def _metric(search: Sequence[Matcher]) -> str:
    """The metric that a search names."""
    return next(matcher.value for matcher in search if matcher.name == NAME and matcher.op == "=")
