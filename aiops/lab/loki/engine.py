"""Answers queries over the streams of a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.lab.logs.entries import Written
from aiops.lab.loki.logql.ast import LogQuery, Metric, RangeAggregation
from aiops.lab.loki.logql.errors import PipelineError
from aiops.lab.loki.logql.levels import DETECTED_LEVEL, level_of
from aiops.lab.loki.logql.metrics import Samples, evaluate
from aiops.lab.loki.logql.pipeline import DETAILS, ERROR, Entry, Pipeline, compile_condition, converted
from aiops.lab.loki.logql.text import text_of
from aiops.lab.loki.logql.tracks import Labels, Track
from aiops.lab.loki.source import LabelledStream, LogSource, StreamIndex

MOST_LINES = 2_000_000
"""Lines that one query may look at."""

MOST_SERIES = 500
_FIRST_LOOK = 120.0
"""Seconds at the end of a range that are read first for a query that wants a few lines."""


@dataclass(slots=True)
class Seen:
    """What a query looked at."""

    lines: int = 0
    bytes: int = 0
    returned: int = 0

    def add(self, lines: list[Written]) -> None:
        """Raises `InvalidInputError` where it is too much for one query."""
        self.bytes += sum([len(line.text) for line in lines])
        self.count(len(lines))

    def count(self, lines: int) -> None:
        """The same for lines whose texts were not looked at."""
        self.lines += lines
        if self.lines > MOST_LINES:
            raise InvalidInputError(f"the query would read more than {MOST_LINES} lines, consider a shorter range")


@dataclass(slots=True)
class Streams:
    """Lines by their labels: (labels, [(nanoseconds, line)])."""

    found: dict[Labels, list[tuple[int, str]]] = field(default_factory=dict)


class LogEngine:
    """`seen` tells what the last query looked at. Lines have the level that was detected in them, series only where
    their query names it: so most lines that are counted need no text."""

    def __init__(self, source: LogSource) -> None:
        self.index = StreamIndex(source)
        self.seen = Seen()

    def lines(self, query: LogQuery, start: float, end: float, limit: int, *, backward: bool) -> Streams:
        """The newest (else the oldest) lines of a query in [start, end), at most `limit` in all."""
        self.seen = Seen()
        streams = self.index.select(query.matchers)
        pipeline = Pipeline(query.stages)
        kept: list[tuple[int, Labels, str]] = []
        for since, until in _parts(start, end, backward=backward):
            part = [item for stream in streams for item in self._kept(stream, pipeline, since, until)]
            part.sort(key=lambda item: item[0], reverse=backward)
            kept += part
            if len(kept) >= limit:
                break
        result = Streams()
        for time, labels, line in kept[:limit]:
            result.found.setdefault(labels, []).append((time, line))
        self.seen.returned = min(len(kept), limit)
        return result

    def metric(self, query: Metric, steps: FloatArray) -> list[Track] | float:
        """The series of a query at the steps, in unix seconds. Raises `InvalidInputError`."""
        self.seen = Seen()
        leveled = DETECTED_LEVEL in text_of(query)
        bounds = float(steps[0]), float(steps[-1])
        found = evaluate(query, steps, lambda part: self._samples(part, *bounds, leveled=leveled))
        if isinstance(found, list):
            found = [track for track in found if track.there.any()]
            if len(found) > MOST_SERIES:
                raise InvalidInputError(
                    f"maximum of series ({MOST_SERIES}) reached for a single query; consider reducing query "
                    "cardinality by adding more specific stream selectors, reducing the time range, or aggregating "
                    "results with functions like sum(), count() or topk()"
                )
            self.seen.returned = len(found)
        return found

    def _kept(
        self, stream: LabelledStream, pipeline: Pipeline, since: float, until: float
    ) -> list[tuple[int, Labels, str]]:
        found = []
        names: dict[Labels, Labels] = {}
        for line in self._read(stream, since, until):
            if not pipeline.accepts(line.text):
                continue
            if pipeline.run(entry := _entry(line, stream, leveled=True)):
                labels = tuple(sorted(entry.labels.items()))
                found.append((entry.time, names.setdefault(labels, labels), entry.line))
        return found

    def _read(self, stream: LabelledStream, since: float, until: float) -> list[Written]:
        """The lines in [since, until)."""
        lines = [line for line in self.index.lines(stream, since, until) if line.time < until]
        self.seen.add(lines)
        return lines

    def _samples(self, query: RangeAggregation, first: float, last: float, *, leveled: bool) -> Samples:
        """All samples that the steps between two moments look at."""
        since, until = first - query.offset - query.seconds, last - query.offset + 1e-6
        counting = query.unwrap is None and query.function in ("count_over_time", "rate")
        if counting and not query.query.stages and not leveled:
            return self._counted(query, since, until)
        pipeline = Pipeline(query.query.stages)
        conditions = [compile_condition(condition) for condition in query.unwrap.filters] if query.unwrap else []
        sized = query.function in ("bytes_over_time", "bytes_rate")
        samples: dict[Labels, tuple[list[float], list[float]]] = {}
        for stream in self.index.select(query.query.matchers):
            for line in self._read(stream, since, until):
                if not pipeline.accepts(line.text) or not pipeline.run(entry := _entry(line, stream, leveled=leveled)):
                    continue
                value: float | None = float(len(entry.line.encode())) if sized else 1.0
                if query.unwrap is not None:
                    value = _unwrapped(entry, query.unwrap.label, query.unwrap.conversion or "number")
                    if value is None or not all(condition(entry) for condition in conditions):
                        continue
                _check(entry)
                times, values = samples.setdefault(tuple(sorted(entry.labels.items())), ([], []))
                times.append(line.time)
                values.append(value or 0.0)
        return {labels: _sorted(times, values) for labels, (times, values) in samples.items()}

    def _counted(self, query: RangeAggregation, since: float, until: float) -> Samples:
        """As `_samples`, where only the number of lines matters: no text need be made."""
        found: Samples = {}
        for stream in self.index.select(query.query.matchers):
            times = self.index.moments(stream, since, until)
            self.seen.count(len(times))
            if len(times):
                found[tuple(sorted(stream.labels.items()))] = times, np.ones(len(times))
        return found


def _entry(line: Written, stream: LabelledStream, *, leveled: bool) -> Entry:
    labels = dict(stream.labels)
    if leveled:
        labels[DETECTED_LEVEL] = level_of(line.text)
    return Entry(nanoseconds(line.time), line.text, labels, stream.labels)


def nanoseconds(moment: float) -> int:
    """Unix nanoseconds, to the microsecond that a float can tell."""
    return round(moment * 1e6) * 1000


def _parts(start: float, end: float, *, backward: bool) -> list[tuple[float, float]]:
    """A range in parts that grow, beginning where the wanted lines are."""
    parts, done, length = [], 0.0, _FIRST_LOOK
    whole = end - start
    while done < whole:
        step = min(length, whole - done)
        since = end - done - step if backward else start + done
        parts.append((max(since, start), min(since + step, end)))
        done, length = done + step, length * 4
    return parts


def _unwrapped(entry: Entry, label: str, conversion: str) -> float | None:
    """The value of a label, which the entry loses; None where it has no such label."""
    text = entry.labels.get(label)
    if text is None:
        return None
    value = converted(text, conversion)
    if value is None:
        entry.labels[ERROR], entry.labels[DETAILS] = "SampleExtractionErr", f"cannot read {text!r} as a number"
        return 0.0
    del entry.labels[label]
    return value if isfinite(value) else None


def _check(entry: Entry) -> None:
    if ERROR in entry.labels:
        series = ", ".join(f'{name}="{value}"' for name, value in sorted(entry.labels.items()))
        raise PipelineError(entry.labels[ERROR], f"{{{series}}}")


def _sorted(times: list[float], values: list[float]) -> tuple[FloatArray, FloatArray]:
    order = np.argsort(np.array(times), kind="stable")
    return np.array(times)[order], np.array(values)[order]
