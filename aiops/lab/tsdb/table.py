"""The samples of one scrape target: rows in time order, a column for each of its series."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.tsdb.block import ClosedBlock, IntArray, OpenBlock
from aiops.lab.tsdb.stale import is_sample

Block = OpenBlock | ClosedBlock


class Table:
    """Blocks of rows. Columns are numbered from 0 and never change their meaning."""

    def __init__(self) -> None:
        self.width = 0
        self._closed: list[ClosedBlock] = []
        self._ends: list[int] = []
        self._open = OpenBlock(0)
        self._last = int(np.iinfo(np.int64).min)
        self._columns: IntArray = np.zeros(0, dtype=np.int64)
        self._places: IntArray | None = None

    def __deepcopy__(self, _memo: object) -> Table:
        """Closed blocks are shared."""
        other = Table()
        other.width, other._last = self.width, self._last
        other._closed, other._ends, other._open = self._closed.copy(), self._ends.copy(), self._open.copy()
        return other

    @property
    def last(self) -> int:
        """Time of the newest row in milliseconds; before everything where there is none."""
        return self._last

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the samples take."""
        return sum(block.nbytes for block in self._closed) + self._open.values.nbytes

    def append(self, time: int, columns: IntArray, values: FloatArray) -> None:
        """Add a row; columns that are not named have no sample in it."""
        if self._open.full:
            self._closed.append(self._open.closed())
            self._ends.append(self._last)
            self._open = OpenBlock(self._open.width)
            self._places = None
        same = columns is self._columns or np.array_equal(columns, self._columns)
        if self._places is None or not same:
            self._columns, self._places = columns, self._open.places_of(columns)
        self._open.append(time, self._places, values)
        self._last = time

    def drop_before(self, time: int) -> None:
        """Forget whole blocks that end before `time`."""
        gone = bisect_left(self._ends, time)
        if gone:
            del self._closed[:gone], self._ends[:gone]

    def window(self, columns: IntArray, start: int, end: int) -> tuple[IntArray, FloatArray]:
        """Rows in the closed window: times (n,) and values (n, columns)."""
        times, values = [], []
        for block in self._between(start, end):
            own = block.times[: block.rows]
            rows = slice(int(own.searchsorted(start, "left")), int(own.searchsorted(end, "right")))
            if rows.start < rows.stop:
                times.append(own[rows])
                values.append(block.read(rows, columns))
        if not times:
            return np.zeros(0, dtype=np.int64), np.zeros((0, len(columns)))
        return (times[0], values[0]) if len(times) == 1 else (np.concatenate(times), np.concatenate(values))

    def has_samples(self, columns: IntArray, start: int, end: int) -> npt.NDArray[np.bool_]:
        """Which columns have a sample in the closed window: (columns,)."""
        found = np.zeros(len(columns), dtype=bool)
        for block in self._between(start, end):
            own = block.times[: block.rows]
            rows = slice(int(own.searchsorted(start, "left")), int(own.searchsorted(end, "right")))
            if rows.start < rows.stop:
                found |= is_sample(block.read(rows, columns)).any(axis=0)
        return found

    def newest(self, moments: IntArray, lookback: int) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """The time of the last row at or before each moment (rising), and where it is at most `lookback` older."""
        found = [block.times[: block.rows] for block in self._between(int(moments[0]) - lookback, int(moments[-1]))]
        if not found:
            return moments, np.zeros(len(moments), dtype=bool)
        times = found[0] if len(found) == 1 else np.concatenate(found)
        rows = times.searchsorted(moments, "right") - 1
        newest = times[np.maximum(rows, 0)]
        return newest, (rows >= 0) & (newest >= moments - lookback)

    def at(self, columns: IntArray, times: IntArray) -> FloatArray:
        """The rows of these times, rising, each of which has one: (times, columns)."""
        parts = []
        done = 0
        for block in self._between(int(times[0]), int(times[-1])):
            own = block.times[: block.rows]
            until = int(times.searchsorted(own[-1], "right"))
            if until > done:
                parts.append(block.read(own.searchsorted(times[done:until]), columns))
                done = until
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _between(self, start: int, end: int) -> Iterator[Block]:
        """Blocks that have rows in the closed window, perhaps."""
        for block in islice(self._closed, bisect_left(self._ends, start), None):
            if block.times[0] > end:
                return
            yield block
        if self._open.rows and self._open.times[0] <= end and self._last >= start:
            yield self._open
