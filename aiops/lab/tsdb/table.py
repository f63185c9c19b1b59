"""The samples of one scrape target: rows in time order, a column for each of its series."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray

ROWS = 120
"""Rows of a block. A full block never changes again."""

IntArray = npt.NDArray[np.int64]


class Block:
    """`times` (ROWS,) in milliseconds and `values` (ROWS, width); `rows` of them are used. NaN is no sample."""

    __slots__ = ("rows", "times", "values")

    def __init__(self, width: int) -> None:
        self.times: IntArray = np.zeros(ROWS, dtype=np.int64)
        self.values: FloatArray = np.full((ROWS, width), np.nan)
        self.rows = 0

    def widen(self, width: int) -> None:
        """Make room for more columns, by doubling, so that many new series cost little."""
        if width > self.values.shape[1]:
            wider = np.full((ROWS, max(width, 2 * self.values.shape[1])), np.nan)
            wider[:, : self.values.shape[1]] = self.values
            self.values = wider


class Table:
    """Blocks of rows. Columns are numbered from 0 and never change their meaning."""

    def __init__(self) -> None:
        self.width = 0
        self._blocks: list[Block] = []

    @property
    def last(self) -> int:
        """Time of the newest row in milliseconds; before everything where there is none."""
        return int(self._blocks[-1].times[self._blocks[-1].rows - 1]) if self._blocks else np.iinfo(np.int64).min

    def append(self, time: int, columns: IntArray, values: FloatArray) -> None:
        """Add a row; columns that are not named have no sample in it."""
        if not self._blocks or self._blocks[-1].rows == ROWS:
            self._blocks.append(Block(self.width))
        block = self._blocks[-1]
        block.widen(self.width)
        block.times[block.rows] = time
        block.values[block.rows, columns] = values
        block.rows += 1

    def drop_before(self, time: int) -> None:
        """Forget whole blocks that end before `time`."""
        keep = 0
        while keep < len(self._blocks) and self._blocks[keep].rows == ROWS and self._blocks[keep].times[-1] < time:
            keep += 1
        del self._blocks[:keep]

    def window(self, columns: IntArray, start: int, end: int) -> tuple[IntArray, FloatArray]:
        """Rows in the closed window: times (n,) and values (columns, n)."""
        parts = list(self._parts(columns, start, end))
        if not parts:
            return np.zeros(0, dtype=np.int64), np.zeros((len(columns), 0))
        times, values = zip(*parts, strict=True)
        return np.concatenate(times), np.ascontiguousarray(np.concatenate(values).T)

    def _parts(self, columns: IntArray, start: int, end: int) -> Iterator[tuple[IntArray, FloatArray]]:
        for block in self._blocks:
            times = block.times[: block.rows]
            low, high = np.searchsorted(times, start, "left"), np.searchsorted(times, end, "right")
            if low == high:
                continue
            width = block.values.shape[1]
            if width > columns.max(initial=-1):
                values = block.values[low:high, columns]
            else:
                values = np.full((high - low, len(columns)), np.nan)
                old = columns < width
                values[:, old] = block.values[low:high, columns[old]]
            yield times[low:high], values
