"""Finds series by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from aiops.lab.tsdb.labels import Labels
from aiops.lab.tsdb.matcher import Matcher

IdArray = npt.NDArray[np.int64]


class SeriesIndex:
    """An inverted index: label -> value -> ids of the series that carry it, rising."""

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self._ids: dict[Labels, int] = {}
        self._postings: dict[str, dict[str, list[int]]] = {}
        self._found: dict[tuple[Matcher, ...], tuple[int, IdArray]] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def id_of(self, labels: Labels) -> int:
        """The id of a label set; a new one where it was never seen."""
        known = self._ids.get(labels)
        if known is not None:
            return known
        new = len(self.labels)
        self._ids[labels] = new
        self.labels.append(labels)
        for name, value in labels:
            self._postings.setdefault(name, {}).setdefault(value, []).append(new)
        return new

    def find(self, matchers: Sequence[Matcher]) -> IdArray:
        """Ids of all series that fulfil every matcher, rising. The answer is kept until a series is added."""
        key = tuple(matchers)
        kept = self._found.get(key)
        if kept is not None and kept[0] == len(self):
            return kept[1]
        ids = self._search(key)
        self._found[key] = (len(self), ids)
        return ids

    def _search(self, matchers: tuple[Matcher, ...]) -> IdArray:
        # A matcher that accepts "" also accepts series without the label, so it can only take series away.
        narrowing = sorted((self._union(m, wanted=True) for m in matchers if not m.matches("")), key=len)
        ids = narrowing[0] if narrowing else np.arange(len(self), dtype=np.int64)
        for array in narrowing[1:]:
            ids = np.intersect1d(ids, array, assume_unique=True)
        for matcher in matchers:
            if matcher.matches(""):
                ids = np.setdiff1d(ids, self._union(matcher, wanted=False), assume_unique=True)
        return ids

    def _union(self, matcher: Matcher, *, wanted: bool) -> IdArray:
        """Ids of the series that carry the label with a value that the matcher accepts (or, not wanted, refuses)."""
        values = self._postings.get(matcher.name, {})
        if matcher.op == "=" and wanted:
            return _array(values.get(matcher.value, ()))
        lists = [ids for value, ids in values.items() if matcher.matches(value) == wanted]
        return _array(sorted(i for ids in lists for i in ids))


def _array(ids: Iterable[int]) -> IdArray:
    return np.fromiter(ids, dtype=np.int64)
