"""Finds series by their labels."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.lab.tsdb.label_sets import LabelSets
from aiops.lab.tsdb.labels import NAME, Labels
from aiops.lab.tsdb.matcher import Matcher

IdArray = npt.NDArray[np.int64]

_REMEMBERED = 1024
"""Searches that are remembered."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Ids of series, rising, and their label sets."""

    ids: IdArray
    labels: LabelSets


class SeriesIndex:
    """An inverted index: label -> value -> ids of the series that carry it, rising. Metrics' names are entered at once,
    other labels when somebody searches by them: rules that have asked before look at the names of new series first."""

    def __init__(self) -> None:
        self.labels: list[Labels] = []
        self._ids: dict[Labels, int] = {}
        self._named: dict[str, list[int]] = {}
        self._postings: dict[str, dict[str, list[int]]] = {NAME: self._named}
        self._entered = 0
        self._found: dict[tuple[Matcher, ...], tuple[int, Selection]] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def __deepcopy__(self, _memo: object) -> SeriesIndex:
        """Label sets are shared: they don't change."""
        other = SeriesIndex()
        other.labels = self.labels.copy()
        other._ids = self._ids.copy()
        other._postings = {
            name: {value: ids.copy() for value, ids in by_value.items()} for name, by_value in self._postings.items()
        }
        other._named, other._entered = other._postings[NAME], self._entered
        return other

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_found": {}}

    def id_of(self, labels: Labels) -> int:
        """The id of a label set; a new one where it was never seen."""
        new = len(self.labels)
        known = self._ids.setdefault(labels, new)
        if known == new:
            self.labels.append(labels)
            named = labels[0] if labels and labels[0][0] == NAME else (NAME, dict(labels).get(NAME))
            if named[1]:
                self._named.setdefault(named[1], []).append(new)
        return known

    def size_of(self, metric: str) -> int:
        """How many series a metric has."""
        return len(self._named.get(metric, ()))

    def find(self, matchers: Sequence[Matcher]) -> Selection:
        """All series that fulfil every matcher. The very same object as before where no such series was added since."""
        key = tuple(matchers)
        kept = self._found.get(key)
        if kept is None:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            selection = self._selection(self._search(key))
        elif kept[0] == len(self):
            return kept[1]
        else:
            selection = self._extended(kept[1], key, kept[0])
        self._found[key] = (len(self), selection)
        return selection

    def _selection(self, ids: IdArray) -> Selection:
        return Selection(ids, LabelSets([self.labels[i] for i in ids.tolist()]))

    def _extended(self, known: Selection, matchers: tuple[Matcher, ...], first: int) -> Selection:
        """What was found when there were `first` series, and those of the newer ones that match."""
        new = [i for i in self._newer(matchers, first) if _fulfils(self.labels[i], matchers)]
        if not new:
            return known
        return Selection(np.concatenate([known.ids, _array(new)]), known.labels.grown([self.labels[i] for i in new]))

    def _newer(self, matchers: tuple[Matcher, ...], first: int) -> Sequence[int]:
        """Ids from `first` on, of one metric where its name is given."""
        for matcher in matchers:
            if matcher.name == NAME and matcher.op == "=" and matcher.value:
                named = self._named.get(matcher.value, [])
                return named[bisect_left(named, first) :]
        return range(first, len(self))

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
        if matcher.name != NAME:
            self._enter()
        postings = self._postings.get(matcher.name, {})
        if matcher.op == "=" and wanted:
            return _array(postings.get(matcher.value, ()))
        values = [value for value in postings if matcher.matches(value) == wanted]
        return _array(sorted(i for value in values for i in postings[value]))

    def _enter(self) -> None:
        """Enter the labels of series that have come."""
        for new in range(self._entered, len(self)):
            for name, value in self.labels[new]:
                if name == NAME:
                    continue
                by_value = self._postings.get(name)
                if by_value is None:
                    by_value = self._postings[name] = {}
                ids = by_value.get(value)
                if ids is None:
                    ids = by_value[value] = []
                ids.append(new)
        self._entered = len(self)


def _fulfils(labels: Labels, matchers: tuple[Matcher, ...]) -> bool:
    values = dict(labels)
    return all(matcher.matches(values.get(matcher.name, "")) for matcher in matchers)


def _array(ids: Iterable[int]) -> IdArray:
    return np.fromiter(ids, dtype=np.int64)
