"""Where the samples of each window begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.promql.values import BoolArray, IntArray, Vector, Windows, stacked_labels
from aiops.lab.tsdb import Frame

T = TypeVar("T", bound=np.generic)


class Span:
    """For each window and series: the number of samples, and the rows of the first and of the last one.

    `count` is (windows, series), or (windows, 1) where the series of the frame all have the same moments; then `first`
    and `last` are (windows,), else (windows, series). They are valid where `count` > 0. `low` and `high` (windows,) are
    the rows of the frame from and up to which a window goes.
    """

    def __init__(self, frame: Frame, windows: Windows) -> None:
        self._frame = frame
        self.low = frame.times.searchsorted(windows.starts, "left")
        self.high = frame.times.searchsorted(windows.ends, "right")
        self.dense = np.count_nonzero(frame.present) == frame.present.size
        newest = len(frame.times) - 1
        if self.dense:
            self.count: IntArray = (self.high - self.low)[:, None]
            self.first = np.minimum(self.low, newest)
            self.last = np.maximum(self.high - 1, 0)
        elif len(windows.starts) == 1:
            here = frame.present[self.low[0] : self.high[0]]
            size = max(len(here), 1)
            self.count = np.add.reduce(here, axis=0, dtype=np.int64, keepdims=True)
            first = here.argmax(axis=0) if len(here) else 0
            last = size - 1 - here[::-1].argmax(axis=0) if len(here) else 0
            none = np.zeros((1, frame.present.shape[1]), dtype=np.int64)
            self.first = none + np.minimum(self.low[0] + first, newest)
            self.last = none + np.minimum(self.low[0] + last, newest)
        else:
            seen = running(frame.present)
            self.count = seen[self.high] - seen[self.low]
            rows = np.arange(len(frame.times))[:, None]
            following = np.minimum.accumulate(np.where(frame.present, rows, newest)[::-1], axis=0)[::-1]
            preceding = np.maximum.accumulate(np.where(frame.present, rows, 0), axis=0)
            self.first = following[np.minimum(self.low, newest)]
            self.last = preceding[np.maximum(self.high - 1, 0)]

    @property
    def without_gaps(self) -> bool:
        """Whether all series have a sample in each row of their windows from the first to the last one."""
        return self.dense or (
            len(self.low) == 1 and bool(((self.count == 0) | (self.count == self.last - self.first + 1)).all())
        )

    @property
    def unmoved(self) -> bool:
        """Whether no series moves in the only window, in which each has a finite sample in every row."""
        if not self.dense or len(self.low) != 1:
            return False
        here = self._frame.values[self.low[0] : self.high[0]]
        return len(here) > 0 and bool((here == here[0]).all() and np.isfinite(here[0]).all())

    @property
    def series(self) -> int:
        return len(self._frame.labels)

    def first_values(self) -> FloatArray:
        return self.at(self._frame.values, self.first)

    def last_values(self) -> FloatArray:
        return self.at(self._frame.values, self.last)

    def at(self, values: npt.NDArray[T], rows: IntArray) -> npt.NDArray[T]:
        """Values of (samples, series) at `first` or `last`, or a distance after: (windows, series)."""
        found: npt.NDArray[T] = values[rows] if self.dense else values[rows, np.arange(values.shape[1])]
        return found

    def times(self, rows: IntArray) -> IntArray:
        """Milliseconds at rows like `first`, to be combined with (windows, series)."""
        times: IntArray = self._frame.times[rows]
        return times[:, None] if self.dense else times

    def positions(self) -> Iterator[tuple[FloatArray, IntArray, BoolArray | None]]:
        """The first samples of all windows, the second, ...: values (windows, series), times (windows, 1), and where a
        window has such a sample (None: everywhere). Gaps of a series count as samples that it doesn't have."""
        newest = len(self._frame.times) - 1
        for position in range(int((self.high - self.low).max(initial=0))):
            rows = np.minimum(self.low + position, newest)
            inside = self.low + position < self.high
            here: BoolArray | None = None
            if not self.dense:
                here = self._frame.present[rows] & inside[:, None]
            elif not inside.all():
                here = np.broadcast_to(inside[:, None], (len(rows), self._frame.values.shape[1]))
            yield self._frame.values[rows], self._frame.times[rows][:, None], here

    def vector(self, values: FloatArray, needed: int) -> Vector:
        """The results of (windows, series) where a window holds as many samples as are needed."""
        present = np.empty((values.shape[1], values.shape[0]), dtype=bool)
        present[:] = (self.count >= needed).T
        return Vector(self._frame.labels, np.ascontiguousarray(values.T), present)


def alike(frames: list[Frame]) -> bool:
    """Whether frames have as many rows each."""
    return len({len(frame.times) for frame in frames}) == 1


def abreast(frames: list[Frame]) -> Frame:
    """Frames that are alike, all of their rows within one window, as one; the times are those of the first."""
    labels = stacked_labels([frame.labels for frame in frames])
    values = np.concatenate([frame.values for frame in frames], axis=1)
    return Frame(labels, frames[0].times, values, np.concatenate([frame.present for frame in frames], axis=1))


def running(marks: BoolArray) -> IntArray:
    """How many of the first 0, 1, ... n rows are marked: (n + 1, series)."""
    sums = np.zeros((len(marks) + 1, marks.shape[1]), dtype=np.int64)
    np.cumsum(marks, axis=0, out=sums[1:])
    return sums


def previous(frame: Frame) -> tuple[FloatArray, BoolArray]:
    """The sample before each sample, and where there are both."""
    if frame.present.all():
        both = frame.present.copy()
        both[:1] = False
        return np.concatenate([frame.values[:1], frame.values[:-1]]), both
    rows = np.maximum.accumulate(np.where(frame.present, np.arange(len(frame.times))[:, None], -1), axis=0)
    before = np.concatenate([np.full((1, rows.shape[1]), -1), rows[:-1]])
    return np.take_along_axis(frame.values, np.maximum(before, 0), axis=0), frame.present & (before >= 0)
