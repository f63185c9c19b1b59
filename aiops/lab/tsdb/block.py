"""Samples of one scrape target in up to 120 consecutive scrapes: an open block takes rows, a full one never changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.tsdb.stale import STALE

ROWS = 120
"""Rows of a full block; half an hour of scrapes every 15 seconds."""

IntArray = npt.NDArray[np.int64]
_Places = npt.NDArray[np.int32]


class OpenBlock:
    """`values` (ROWS, room): a row a scrape, a place for each column that has a sample in the block. Nothing is written
    beyond the rows and places in use, so that takes no memory."""

    __slots__ = ("_columns", "_places", "rows", "times", "values")

    def __init__(self, room: int) -> None:
        self.times: IntArray = np.zeros(ROWS, dtype=np.int64)
        self.values: FloatArray = np.empty((ROWS, room))
        self.rows = 0
        self._columns: list[int] = []
        self._places: _Places = np.full(room, -1, dtype=np.int32)

    @property
    def full(self) -> bool:
        return self.rows == ROWS

    @property
    def width(self) -> int:
        """Places in use."""
        return len(self._columns)

    def places_of(self, columns: IntArray) -> IntArray:
        """Where columns are kept; new ones get a place."""
        highest = int(columns.max(initial=-1))
        if highest >= len(self._places):
            self._places = _longer(self._places, 2 * highest + 1)
        known = self.width
        for column in columns[self._places[columns] < 0].tolist():
            self._places[column] = len(self._columns)
            self._columns.append(column)
        if self.width > self.values.shape[1]:
            self.values = self._with_room(2 * self.width, known)
        self.values[: self.rows, known : self.width] = STALE
        return self._places[columns].astype(np.int64)

    def append(self, time: int, places: IntArray, values: FloatArray) -> None:
        """Add a row; places that are not named have no sample in it."""
        self.times[self.rows] = time
        row = self.values[self.rows, : self.width]
        row[:] = STALE
        row[places] = values
        self.rows += 1

    def read(self, rows: slice | IntArray, columns: IntArray) -> FloatArray:
        """(rows, columns)"""
        places = _places_in(self._places, columns)
        if not self.values.shape[1]:
            return np.full((len(self.times[rows]), len(columns)), STALE)
        values = _cells(self.values, rows, places)
        missing = places < 0
        if np.count_nonzero(missing):
            values[:, missing] = STALE
        return values

    def closed(self) -> ClosedBlock:
        """The same samples in less memory: one number for each column that never changed."""
        values = self.values[: self.rows, : self.width]
        bits = values.view(np.int64)
        changes = (bits[1:] != bits[0]).any(axis=0)
        varying = np.full(self.width, -1, dtype=np.int32)
        varying[changes] = np.arange(np.count_nonzero(changes), dtype=np.int32)
        places = self._places[: max(self._columns, default=-1) + 1].copy()
        return ClosedBlock(self.times[: self.rows].copy(), places, varying, values[0].copy(), values[:, changes])

    def _with_room(self, room: int, width: int) -> FloatArray:
        """The rows and the first places in an array with another room."""
        values = np.empty((ROWS, room))
        values[: self.rows, :width] = self.values[: self.rows, :width]
        return values

    def copy(self) -> OpenBlock:
        other = OpenBlock(0)
        other.times, other.values, other.rows = (
            self.times.copy(),
            self._with_room(self.values.shape[1], self.width),
            self.rows,
        )
        other._columns, other._places = self._columns.copy(), self._places.copy()
        return other


class ClosedBlock:
    """Immutable, so that copies of a store share it."""

    __slots__ = ("_first", "_places", "_values", "_varying", "times")

    def __init__(
        self, times: IntArray, places: _Places, varying: _Places, first: FloatArray, values: FloatArray
    ) -> None:
        self.times = times
        self._places = places
        self._varying = varying
        self._first = first
        self._values = values

    @property
    def rows(self) -> int:
        return len(self.times)

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        arrays = (self.times, self._places, self._varying, self._first, self._values)
        return sum(array.nbytes for array in arrays)

    def read(self, rows: slice | IntArray, columns: IntArray) -> FloatArray:
        """(rows, columns)"""
        places = _places_in(self._places, columns)
        varying = np.where(places < 0, -1, self._varying[places]) if len(self._varying) else places
        height = len(self.times[rows])
        values = np.empty((height, len(columns)))
        values[:] = np.where(places < 0, STALE, self._first[places]) if len(self._first) else STALE
        changing = varying >= 0
        if changing.any():
            values[:, changing] = _cells(self._values, rows, varying[changing])
        return values


def _cells(values: FloatArray, rows: slice | IntArray, columns: _Places) -> FloatArray:
    """Where rows and columns meet."""
    if isinstance(rows, slice):
        return values[rows].take(columns, axis=1)
    found: FloatArray = values[rows[:, None], columns]
    return found


def _longer(array: _Places, size: int) -> _Places:
    longer = np.full(size, -1, dtype=np.int32)
    longer[: len(array)] = array
    return longer


def _places_in(places: _Places, columns: IntArray) -> _Places:
    """-1 for columns that a block doesn't have, those that came later included."""
    try:
        return places[columns]
    except IndexError:
        found = np.full(len(columns), -1, dtype=np.int32)
        known = columns < len(places)
        found[known] = places[columns[known]]
        return found
