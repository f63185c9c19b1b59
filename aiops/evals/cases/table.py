"""Tables in CSV files, column by column, with the file and the line where something is wrong."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray

Columns = tuple[tuple[str, ...], list[list[str]]]
"""Names, and the fields of each column."""

CHUNK = 50_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_FIELD = 4 * 1024 * 1024
NOTHING = ("", "nan", "NaN", "null", "None", "NULL")


class Table:
    """The rows of a file whose first one names the columns. Raises `InvalidInputError` on every access that fails."""

    def __init__(self, path: Path, needed: Sequence[str] = ()) -> None:
        self.path = path
        try:
            content = path.read_bytes().removeprefix(BYTE_ORDER_MARK)
            self.names, self._columns = _plain(content) or self._quoted(content)
        except (OSError, csv.Error) as error:
            raise InvalidInputError(f"{path}: {error}") from error
        missing = [name for name in needed if name not in self.names]
        if missing:
            raise InvalidInputError(f"{path}, line 1: no column {missing[0]!r}; it needs {', '.join(needed)}")

    def __len__(self) -> int:
        return len(self._columns[0]) if self._columns else 0

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def texts(self, name: str) -> Sequence[str]:
        """A column as it was written."""
        return self._columns[self.names.index(name)]

    def numbers(self, name: str) -> FloatArray:
        """A column as numbers (n,), NaN for an empty field."""
        return self._numbers(self.texts(name), name)

    def times(self, name: str) -> FloatArray:
        """A column of moments (n,), all of which must be numbers."""
        found = self.numbers(name)
        wrong = np.flatnonzero(~np.isfinite(found))
        if len(wrong):
            raise InvalidInputError(f"{self.path}, line {int(wrong[0]) + 2}: {name} is no moment")
        return found

    def matrix(self, names: Sequence[str]) -> FloatArray:
        """Columns as numbers: (n, k)."""
        return np.column_stack([self.numbers(name) for name in names]) if names else np.empty((len(self), 0))

    def _quoted(self, content: bytes) -> Columns:
        """Any CSV, row by row."""
        csv.field_size_limit(LONGEST_FIELD)
        rows = csv.reader(StringIO(content.decode(errors="replace").replace("\0", ""), newline=""))
        names = tuple(name.strip() for name in next(rows, ()))
        columns: list[list[str]] = [[] for _ in names]
        while chunk := [row for row in islice(rows, CHUNK) if row]:
            wrong = next((row for row in chunk if len(row) != len(names)), None)
            if wrong is not None:
                line = rows.line_num if len(chunk) == 1 else self._line_of(content, len(names))
                raise InvalidInputError(f"{self.path}, line {line}: {len(wrong)} fields instead of {len(names)}")
            for column, part in zip(columns, zip(*chunk, strict=True), strict=True):
                column.extend(part)
        return names, columns

    def _line_of(self, content: bytes, fields: int) -> int:
        """The line in which the first row of another length ends."""
        rows = csv.reader(StringIO(content.decode(errors="replace").replace("\0", ""), newline=""))
        return next((rows.line_num for row in rows if row and len(row) != fields), 1)

    def _numbers(self, texts: Sequence[str], name: str) -> FloatArray:
        try:
            return np.array(texts, dtype=np.float64)
        except ValueError:
            return np.array([self._number(text, line, name) for line, text in enumerate(texts, 2)], dtype=np.float64)

    def _number(self, text: str, line: int, name: str) -> float:
        if text.strip() in NOTHING:
            return float("nan")
        try:
            return float(text)
        except ValueError:
            raise InvalidInputError(f"{self.path}, line {line}: {name} is no number: {text[:40]!r}") from None


def _plain(content: bytes) -> Columns | None:
    """A file without quotes, at once; None where it has some, or rows of another length than the first."""
    if b'"' in content or b"\r" in content or b"\0" in content:
        return None
    content = content.strip(b"\n")
    marks = np.frombuffer(content + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(marks == ord("\n"))
    commas = np.searchsorted(np.flatnonzero(marks == ord(",")), ends)
    if not len(content) or np.any(np.diff(commas) != commas[0]):
        return None
    fields = content.decode(errors="replace").replace("\n", ",").split(",")
    width = int(commas[0]) + 1
    return tuple(name.strip() for name in fields[:width]), [fields[width + i :: width] for i in range(width)]
