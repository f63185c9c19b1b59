"""The lines that requests left: numbers in arrays, one row a line. Texts are made when somebody reads them.

Rows lie in chunks; a chunk holds the statements that its rows refer to, so both are forgotten together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.entries import Stream, Written
from aiops.lab.logs.wording import line

RETENTION = 6 * 3600.0
"""Seconds for which a line is kept."""

CHUNK = 32_768
"""Rows of a chunk."""

_MOST_CHUNKS = 64
_ROW = np.dtype([("time", "f8"), ("key", "u8"), ("statement", "i4"), ("seconds", "f4"), ("status", "i2")])
_BETWEEN_LINES = 2e-5
"""Seconds between the lines of one message as the container runtime gets them."""

Rows = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Statement:
    """A place in a program that writes lines. `since` is when its process began to serve, `ahead` how many seconds its
    clock is ahead of the true time."""

    container: str
    template: str
    values: Mapping[str, Any]
    stream: Stream = "stdout"
    since: float = 0.0
    ahead: float = 0.0


NOBODY = 0
"""The number of the statement that nobody reads: of what a program keeps to itself."""

_SILENCE = Statement("", "", {})


class _Chunk:
    def __init__(self) -> None:
        self.rows: Rows = np.zeros(CHUNK, dtype=_ROW)
        self.count = 0
        self.first, self.last = np.inf, -np.inf
        self.statements: list[Statement] = [_SILENCE]
        self.known: dict[Hashable, int] = {}
        self.by_container: dict[str, list[int]] = {}

    def add(self, statement: Statement, key: Hashable) -> int:
        number = self.known.setdefault(key, len(self.statements))
        if number == len(self.statements):
            self.statements.append(statement)
            self.by_container.setdefault(statement.container, []).append(number)
        return number

    def copied(self) -> _Chunk:
        """A chunk of its own with the same rows."""
        made = _Chunk()
        made.rows[: self.count] = self.rows[: self.count]
        made.count, made.first, made.last = self.count, self.first, self.last
        made.statements, made.known = list(self.statements), dict(self.known)
        made.by_container = {name: list(numbers) for name, numbers in self.by_container.items()}
        return made

    def of(self, container: str, since: float, until: float, stream: Stream | None = None) -> Rows:
        """The rows of a container between two moments, in the order in which they came; of one stream where it is
        named."""
        wanted = self.by_container.get(container, [])
        if stream is not None:
            wanted = [number for number in wanted if self.statements[number].stream == stream]
        if not wanted or self.last < since or self.first > until:
            return self.rows[:0]
        kept = np.zeros(len(self.statements), dtype=bool)
        kept[wanted] = True
        rows = self.rows[: self.count]
        found: Rows = rows[kept[rows["statement"]] & (rows["time"] >= since) & (rows["time"] <= until)]
        return found


class LogBook:
    """Lines of all containers for `retention` seconds. `generation` rises when numbers of statements lose their
    meaning. `catch_up` is called before anybody reads: it adds what is due."""

    def __init__(self, retention: float = RETENTION) -> None:
        self.catch_up: Callable[[], None] | None = None
        self.generation = 0
        self._retention = retention
        self._chunks: deque[_Chunk] = deque([_Chunk()])

    def __deepcopy__(self, memo: dict[int, Any]) -> LogBook:
        """A book of its own; full chunks never change, so both have them."""
        made = memo[id(self)] = LogBook(self._retention)
        made.catch_up = deepcopy(self.catch_up, memo)
        made.generation = self.generation
        made._chunks = deque([*list(self._chunks)[:-1], self._chunks[-1].copied()])
        return made

    def make_room(self, count: int, now: float) -> None:
        """Call before rows are added, with how many there will be (`CHUNK` at most)."""
        if self._chunks[-1].count + count <= CHUNK:
            return
        self.generation += 1
        self._chunks.append(_Chunk())
        while len(self._chunks) > _MOST_CHUNKS or self._chunks[0].last < now - self._retention:
            self._chunks.popleft()

    def number(self, statement: Statement, key: Hashable) -> int:
        """The number of a statement within this generation; `key` tells it from all others."""
        return self._chunks[-1].add(statement, key)

    def append(self, count: int, earliest: float, latest: float) -> Rows:
        """New rows to be filled, all with moments between these two: `time` (unix seconds), `key` (of the request, or
        any number), `statement`, and of a request `seconds` and `status`."""
        chunk = self._chunks[-1]
        rows: Rows = chunk.rows[chunk.count : chunk.count + count]
        if count:
            chunk.count += count
            chunk.first, chunk.last = min(chunk.first, earliest), max(chunk.last, latest)
        return rows

    def written(
        self, container: str, since: float, until: float, tail: int | None = None, stream: Stream | None = None
    ) -> list[Written]:
        """The lines of a container from `since` to `until` (unix seconds), in time order; of `tail`, at least the
        last so many where there are more; of one stream where it is named."""
        parts: list[list[Written]] = []
        found = 0
        for chunk in reversed(self._read()):
            rows = chunk.of(container, since, until, stream)
            lines = [written for row in rows.tolist() for written in _lines(chunk.statements, *row)]
            parts.append(lines)
            found += len(lines)
            if tail is not None and found >= tail:
                break
        lines = [written for part in reversed(parts) for written in part]
        lines.sort(key=lambda written: written.time)
        return lines

    def moments(self, container: str, since: float, until: float, stream: Stream) -> FloatArray:
        """When the lines of one stream were written, rising: what `written` tells of, without its texts."""
        parts: list[FloatArray] = [np.zeros(0)]
        for chunk in self._read():
            rows = chunk.of(container, since, until, stream)
            if len(rows):
                statements = [chunk.statements[number] for number in rows["statement"].tolist()]
                served = rows["time"] >= np.array([statement.since for statement in statements])
                lines = np.array([statement.template.count("\n") + 1 for statement in statements])
                parts.append(np.repeat(rows["time"], lines * served))
        return np.sort(np.concatenate(parts))

    def streams(self, container: str, since: float, until: float) -> frozenset[Stream]:
        """Where a container has written to between two moments."""
        return frozenset(
            chunk.statements[number].stream
            for chunk in self._read()
            for number in np.unique(chunk.of(container, since, until)["statement"]).tolist()
        )

    def _read(self) -> deque[_Chunk]:
        if self.catch_up is not None:
            self.catch_up()
        return self._chunks


def _lines(
    statements: list[Statement], moment: float, key: int, number: int, seconds: float, status: int
) -> Iterator[Written]:
    statement = statements[number]
    if moment < statement.since:
        return
    text = line(statement.template, statement.values, moment + statement.ahead, key, seconds, status)
    if "\n" in text:
        yield from split(moment, statement.stream, text)
    else:
        yield Written(moment, statement.stream, text)


def split(moment: float, stream: Stream, text: str) -> Iterator[Written]:
    """The lines of one message, each with its own time."""
    for number, part in enumerate(text.split("\n")):
        yield Written(moment + number * _BETWEEN_LINES, stream, part)
