"""The time series store: exporters append to it, PromQL reads it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray, Series
from aiops.lab.tsdb.batch import Batch
from aiops.lab.tsdb.block import IntArray
from aiops.lab.tsdb.index import IdArray, Selection, SeriesIndex
from aiops.lab.tsdb.label_sets import LabelSets
from aiops.lab.tsdb.labels import NAME, Labels, labels_of
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.tsdb.stale import STALE, is_sample
from aiops.lab.tsdb.table import Table

_LATE = 60_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Series that were scraped together: `times` (n,) in milliseconds, `values` and `present` (n, series)."""

    labels: LabelSets
    times: IntArray
    values: FloatArray
    present: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Part:
    """The series of a selection that are in one table."""

    table: Table
    columns: IntArray
    labels: LabelSets


class TimeSeriesStore:
    """Times go in as unix seconds and are kept as whole milliseconds, as in Prometheus.

    A series that its target does not deliver in a scrape has ended there, as if by Prometheus' staleness marker.
    `copy.deepcopy` is cheap: what is full of samples is shared.
    """

    def __init__(self, retention: float = 7 * 86400.0) -> None:
        self._retention = milliseconds(retention)
        self._index = SeriesIndex()
        self._tables: dict[str, Table] = {}
        self._targets: list[str] = []
        self._table_of: IdArray = np.full(1024, -1, dtype=np.int64)
        self._column_of: IdArray = np.full(1024, -1, dtype=np.int64)
        self._assigned = 0
        self._named: dict[str, tuple[IdArray | Sequence[int], IntArray]] = {}

    def __deepcopy__(self, memo: dict[int, object]) -> TimeSeriesStore:
        other = TimeSeriesStore(self._retention / 1000)
        other._index = copy.deepcopy(self._index, memo)
        other._tables = {target: copy.deepcopy(table, memo) for target, table in self._tables.items()}
        other._targets = self._targets.copy()
        other._table_of, other._column_of = self._table_of.copy(), self._column_of.copy()
        other._assigned = self._assigned
        return other

    def __len__(self) -> int:
        return len(self._index)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the samples take."""
        return sum(table.nbytes for table in self._tables.values())

    def series(self, name: str, labels: Mapping[str, str]) -> int:
        """The id of a series, for `append`. Equal names and labels give the same id."""
        return self.series_of(labels_of({**labels, NAME: name}))

    def series_of(self, labels: Labels) -> int:
        """The same by a whole label set."""
        return self._index.id_of(labels)

    def append(self, time: float, ids: IdArray | Sequence[int], values: FloatArray, target: str = "") -> None:
        """Store one scrape of one target: all of its samples, `ids` (n,) and `values` (n,). The very same array of ids
        as in the scrape before costs no search; it must not be changed in between.

        Raises `InvalidInputError` where `time` is not after the target's last scrape, or a series is another target's.
        """
        moment = milliseconds(time)
        if target not in self._tables:
            self._tables[target] = Table()
            self._targets.append(target)
        table = self._tables[target]
        if moment <= table.last:
            raise InvalidInputError(f"scrape of {target!r} at {time} is not after the one at {table.last / 1000}")
        named = self._named.get(target)
        if named is None or named[0] is not ids:
            wanted = np.asarray(ids, dtype=np.int64)
            named = self._named[target] = (ids, self._columns(table, self._targets.index(target), wanted))
        table.append(moment, named[1], values)
        table.drop_before(moment - self._retention)

    def _columns(self, table: Table, target: int, ids: IdArray) -> IntArray:
        if len(self._column_of) < len(self):
            self._column_of = _grown(self._column_of, 2 * len(self))
            self._table_of = _grown(self._table_of, 2 * len(self))
        for new in ids[self._column_of[ids] < 0]:
            self._column_of[new] = table.width
            self._table_of[new] = target
            table.width += 1
            self._assigned += 1
        if len(self._tables) > 1 and (self._table_of[ids] != target).any():
            raise InvalidInputError(f"a series scraped from {self._targets[target]!r} belongs to another target")
        return self._column_of[ids]

    def extent(self, metrics: Sequence[str]) -> tuple[int, ...]:
        """How many series have been scraped, and how many each of these metrics has: as long as it stands, searches
        among them and `by_table` give the same."""
        return self._assigned, *map(self._index.size_of, metrics)

    def find(self, matchers: Sequence[Matcher]) -> Selection:
        """All series that match. The very same object as before where none came."""
        return self._index.find(matchers)

    def batch(self, searches: Sequence[Sequence[Matcher]]) -> Batch:
        """Several searches whose series are read together."""
        return Batch(self, searches)

    def by_table(self, ids: IdArray) -> Iterator[tuple[Table, IntArray, IntArray]]:
        """(table, columns, places in `ids`) of series, in the order in which tables come among them; those that were
        never scraped are in none."""
        known = np.flatnonzero(ids < len(self._table_of))
        table_of = self._table_of[ids[known]]
        targets, first = np.unique(table_of, return_index=True)
        for target in targets[np.argsort(first)].tolist():
            if target >= 0:
                places = known[table_of == target]
                yield self._tables[self._targets[target]], self._column_of[ids[places]], places

    def _parts(self, matchers: Sequence[Matcher]) -> list[_Part]:
        selection = self.find(matchers)
        return selection.labels.remember(("parts", self._scraped(selection.ids)), lambda: list(self._split(selection)))

    def _scraped(self, ids: IdArray) -> int:
        """0 where all have been scraped; else a number that changes as soon as another one has been."""
        known = not len(ids) or (int(ids[-1]) < len(self._table_of) and bool((self._table_of[ids] >= 0).all()))
        return 0 if known else self._assigned

    def _split(self, selection: Selection) -> Iterator[_Part]:
        for table, columns, places in self.by_table(selection.ids):
            whole = len(places) == len(selection.ids)
            yield _Part(table, columns, selection.labels if whole else selection.labels.take(places))

    def frames(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Frame]:
        """The samples of what matches in the closed window of milliseconds, a frame for each target; series without any
        are left out."""
        found = []
        for part in self._parts(matchers):
            times, values = part.table.window(part.columns, start, end)
            frame = _frame(part.labels, times, values)
            if len(frame.labels):
                found.append(frame)
        return found

    def newest(self, matchers: Sequence[Matcher], moments: IntArray, lookback: int) -> list[Frame]:
        """The last scrape at or before each moment (ms, rising), at most `lookback` (ms) older: frames whose rows are
        the moments, with the times of the scrapes. A moment without a scrape has no sample."""
        found = []
        for part in self._parts(matchers):
            scraped, near = part.table.newest(moments, lookback)
            if near.all():
                values = part.table.at(part.columns, scraped)
            elif near.any():
                values = np.full((len(moments), len(part.columns)), STALE)
                values[near] = part.table.at(part.columns, scraped[near])
            else:
                continue
            frame = _frame(part.labels, scraped, values)
            if len(frame.labels):
                found.append(frame)
        return found

    def select(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Series]:
        """The samples of each matching series in the closed window of unix seconds; series without any are left out."""
        found = []
        for frame in self.frames(matchers, milliseconds(start), milliseconds(end)):
            for column, labels in enumerate(frame.labels):
                here = frame.present[:, column]
                found.append(Series(dict(labels), frame.times[here] / 1000, frame.values[here, column]))
        return found

    def labels(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Labels]:
        """The label sets that have a sample in the closed window of unix seconds, sorted."""
        return sorted(labels for sets in self.label_sets(matchers, start, end) for labels in sets)

    def label_sets(self, matchers: Sequence[Matcher], start: float, end: float) -> list[LabelSets]:
        """The same unsorted, by target: the very same objects as before where the same series were there. Most series
        show in the last minute, so only the others are looked for in all of the window."""
        first, last = milliseconds(start), milliseconds(end)
        late = max(first, last - _LATE)
        found = []
        for part in self._parts(matchers):
            here = part.table.has_samples(part.columns, late, last)
            if first < late and not here.all():
                here[~here] = part.table.has_samples(part.columns[~here], first, late)
            if here.any():
                found.append(part.labels.where(here))
        return found


def _frame(labels: LabelSets, times: IntArray, values: FloatArray) -> Frame:
    present = is_sample(values)
    if present.all():
        return Frame(labels if len(times) else LabelSets([]), times, values, present)
    some = np.logical_or.reduce(present, axis=0)
    if some.all():
        return Frame(labels, times, values, present)
    return Frame(labels.where(some), times, values[:, some], present[:, some])


def _grown(array: IdArray, size: int) -> IdArray:
    """The array with room for `size` ids; -1 where nothing is known of one."""
    grown = np.full(size, -1, dtype=np.int64)
    grown[: len(array)] = array
    return grown


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, rounded."""
    return round(seconds * 1000)
