"""Reads a CSV file with a column of times and one or more columns of values."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray

MISSING = frozenset({"", "nan", "null", "none", "na", "n/a"})
"""Cells, in small letters, that hold no value."""

TIME_NAMES = frozenset({"time", "timestamp", "ts", "datetime", "date"})
"""What a column of times is called, in small letters."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, in its order. `written` are the times as the file has them (numbers or text), `times` (n,)
    are unix seconds, `values` (n, columns) has NaN where there is no value."""

    written: tuple[float | str, ...]
    times: FloatArray
    columns: tuple[str, ...]
    values: FloatArray


def read_table(path: Path) -> Table:
    """Read a file whose first line names its columns, unless it holds numbers already.

    Times are unix seconds, or ISO 8601 (in UTC where it names no zone), in the column that is called so, or else in the
    first. Raises `InvalidInputError` with the file, the line and the reason.
    """
    rows = _rows(path)
    width = len(rows[0][1]) if rows else 0
    if width < 2:
        raise InvalidInputError(f"{path}, line 1: expected a column of times and at least one of values")
    header = rows.pop(0)[1] if not _holds_values(rows[0][1]) else [f"column {place}" for place in range(1, width + 1)]
    if not rows:
        raise InvalidInputError(f"{path} has a header and no rows")
    clock = next((place for place, name in enumerate(header) if name.strip().lower() in TIME_NAMES), 0)
    names = [name for place, name in enumerate(header) if place != clock]
    written, times, values = [], [], []
    for line, row in rows:
        if len(row) != width:
            raise InvalidInputError(f"{path}, line {line}: {len(row)} columns, the first line has {width}")
        stamp = row.pop(clock)
        written.append(_written(stamp))
        times.append(_time(path, line, stamp))
        values.append([_value(path, line, name, cell) for name, cell in zip(names, row, strict=True)])
    return Table(tuple(written), np.array(times), tuple(names), np.array(values))


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with the number of their line."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.reader(file)
            return [(reader.line_num, row) for row in reader if row]
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise InvalidInputError(f"{path} is no CSV file: {error}") from error


def _holds_values(row: list[str]) -> bool:
    """Is it a row of values rather than of names?"""
    return all(isinstance(_written(cell), float) for cell in row[1:])


def _written(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell.strip()


def _time(path: Path, line: int, cell: str) -> float:
    try:
        seconds = float(cell)
    except ValueError:
        try:
            return from_rfc3339(cell.strip())
        except InvalidInputError as error:
            raise InvalidInputError(f"{path}, line {line}: {error}") from error
    if not math.isfinite(seconds):
        raise InvalidInputError(f"{path}, line {line}: {cell!r} is no time")
    return seconds


def _value(path: Path, line: int, name: str, cell: str) -> float:
    if cell.strip().lower() in MISSING:
        return math.nan
    try:
        return float(cell)
    except ValueError as error:
        raise InvalidInputError(f"{path}, line {line}: {name} is {cell!r}, which is no number") from error
