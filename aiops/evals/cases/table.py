"""Tables in CSV files, column by column, with the file and the line where something is wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray

CHUNK = 50_000
LONGEST_FIELD = 4 * 1024 * 1024
NOTHING = ("", "nan", "NaN", "null", "None", "NULL")


class Table:
    """The rows of a file whose first one names the columns. Raises `InvalidInputError` on every access that fails."""

    def __init__(self, path: Path, needed: Sequence[str] = ()) -> None:
        self.path = path
        csv.field_size_limit(LONGEST_FIELD)
        try:
            with path.open(newline="", encoding="utf-8", errors="replace") as file:
                rows = csv.reader(line.replace("\0", "") for line in file)
                self.names = tuple(name.strip() for name in next(rows, ()))
                self._columns = self._read(rows)
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

    def _read(self, rows: Iterator[list[str]]) -> list[list[str]]:
        columns: list[list[str]] = [[] for _ in self.names]
        line = 2
        while chunk := list(islice(rows, CHUNK)):
            try:
                parts = list(zip(*chunk, strict=True))
            except ValueError:
                parts = []
            if len(parts) != len(self.names):
                wrong = next(i for i, row in enumerate(chunk) if len(row) != len(self.names))
                raise InvalidInputError(
                    f"{self.path}, line {line + wrong}: {len(chunk[wrong])} fields instead of {len(self.names)}"
                )
            for column, part in zip(columns, parts, strict=True):
                column.extend(part)
            line += len(chunk)
        return columns

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
