"""How much a stream holds, as Loki's index knows it: without reading all of its lines."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.telemetry import FloatArray
from aiops.lab.loki.source import LabelledStream, StreamIndex

SAMPLED = 20
"""Lines of a stream that are read for the mean size of all."""


@dataclass(frozen=True, slots=True)
class Size:
    """`times`: when the lines of a stream were written, rising; `mean`: bytes of one."""

    times: FloatArray
    mean: float

    def bytes(self, lines: int) -> int:
        """Those of the first so many lines."""
        return round(self.mean * lines)


def size_of(index: StreamIndex, stream: LabelledStream, start: float, end: float) -> Size:
    """Of the lines in [start, end): the bytes are exact where there are few of them, else as those of the last ones."""
    times = index.moments(stream, start, end)
    times = times[: times.searchsorted(end, "left")]
    if not len(times):
        return Size(times, 0.0)
    lines = [line for line in index.lines(stream, float(times[-SAMPLED:][0]), end) if line.time < end]
    return Size(times, sum(len(line.text.encode()) for line in lines) / max(len(lines), 1))
