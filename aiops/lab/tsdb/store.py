"""The time series store: exporters append to it, PromQL reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray, Series
from aiops.lab.tsdb.index import SeriesIndex
from aiops.lab.tsdb.labels import NAME, Labels, labels_of
from aiops.lab.tsdb.matcher import Matcher
from aiops.lab.tsdb.table import IntArray, Table


@dataclass(frozen=True, slots=True)
class Frame:
    """Series that were scraped together: `times` (n,) in milliseconds, `values` (series, n); NaN is no sample."""

    labels: list[Labels]
    times: IntArray
    values: FloatArray


class TimeSeriesStore:
    """Times go in as unix seconds and are kept as whole milliseconds, as in Prometheus.

    A series that its target does not deliver in a scrape has ended there, as if by Prometheus' staleness marker.
    """

    def __init__(self, retention: float = 7 * 86400.0) -> None:
        self._retention = milliseconds(retention)
        self._index = SeriesIndex()
        self._tables: dict[str, Table] = {}
        self._targets: list[str] = []
        self._table_of: npt.NDArray[np.int64] = np.full(1024, -1, dtype=np.int64)
        self._column_of: npt.NDArray[np.int64] = np.full(1024, -1, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._index)

    def series(self, name: str, labels: Mapping[str, str]) -> int:
        """The id of a series, for `append`. Equal names and labels give the same id."""
        return self._index.id_of(labels_of({**labels, NAME: name}))

    def append(
        self, time: float, ids: npt.NDArray[np.int64] | Sequence[int], values: FloatArray, target: str = ""
    ) -> None:
        """Store one scrape of one target: all of its samples, `ids` (n,) and `values` (n,). NaN is no sample.

        Raises `InvalidInputError` where `time` is not after the target's last scrape, or a series is another target's.
        """
        moment = milliseconds(time)
        if target not in self._tables:
            self._tables[target] = Table()
            self._targets.append(target)
        table = self._tables[target]
        if moment <= table.last:
            raise InvalidInputError(f"scrape of {target!r} at {time} is not after the one at {table.last / 1000}")
        wanted = np.asarray(ids, dtype=np.int64)
        table.append(moment, self._columns(table, self._targets.index(target), wanted), values)
        table.drop_before(moment - self._retention)

    def _columns(self, table: Table, target: int, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        if len(self._column_of) < len(self):
            self._column_of = _grown(self._column_of, 2 * len(self))
            self._table_of = _grown(self._table_of, 2 * len(self))
        for new in ids[self._column_of[ids] < 0]:
            self._column_of[new] = table.width
            self._table_of[new] = target
            table.width += 1
        if len(self._tables) > 1 and (self._table_of[ids] != target).any():
            raise InvalidInputError(f"a series scraped from {self._targets[target]!r} belongs to another target")
        return self._column_of[ids]

    def frames(self, matchers: Sequence[Matcher], start: int, end: int) -> list[Frame]:
        """What matches in the closed window of milliseconds, a frame for each target; rows without samples included."""
        found = np.asarray(self._index.find(matchers), dtype=np.int64)
        found = found[found < len(self._table_of)]  # the newest may not have been scraped yet
        table_of = self._table_of[found]
        frames = []
        for target in dict.fromkeys(table_of.tolist()):
            if target < 0:
                continue
            ids = found[table_of == target]
            times, values = self._tables[self._targets[target]].window(self._column_of[ids], start, end)
            if len(times):
                frames.append(Frame([self._index.labels[i] for i in ids.tolist()], times, values))
        return frames

    def select(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Series]:
        """The samples of each matching series in the closed window of unix seconds; series without any are left out."""
        found = []
        for frame in self.frames(matchers, milliseconds(start), milliseconds(end)):
            for labels, row in zip(frame.labels, frame.values, strict=True):
                here = ~np.isnan(row)
                if here.any():
                    found.append(Series(dict(labels), frame.times[here] / 1000, row[here]))
        return found

    def labels(self, matchers: Sequence[Matcher], start: float, end: float) -> list[Labels]:
        """The label sets that have a sample in the closed window of unix seconds, sorted."""
        frames = self.frames(matchers, milliseconds(start), milliseconds(end))
        return sorted(
            frame.labels[row] for frame in frames for row in np.flatnonzero((~np.isnan(frame.values)).any(axis=1))
        )


def _grown(array: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """The array with room for `size` ids; -1 where nothing is known of one."""
    grown = np.full(size, -1, dtype=np.int64)
    grown[: len(array)] = array
    return grown


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, rounded."""
    return round(seconds * 1000)
