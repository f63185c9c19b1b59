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


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, in its order. `written` are the times as the file has them (numbers or text), `times` (n,)
    are unix seconds, `values` (n, columns) has NaN where there is no value."""

    written: tuple[float | str, ...]
    times: FloatArray
    columns: tuple[str, ...]
    values: FloatArray


def read_table(path: Path) -> Table:
    """Read a file whose first line names its columns and whose first column holds times: unix seconds, or ISO 8601 (in
    UTC where it names no zone). Raises `InvalidInputError` with the file, the line and the reason."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = [(line, row) for line, row in enumerate(csv.reader(file), start=1) if row]
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise InvalidInputError(f"{path} is no CSV file: {error}") from error
    if not rows or len(rows[0][1]) < 2:
        raise InvalidInputError(f"{path}, line 1: expected a header with a time and at least one value column")
    header = rows[0][1]
    written, times, values = [], [], []
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise InvalidInputError(f"{path}, line {line}: {len(row)} columns, the header has {len(header)}")
        written.append(_written(row[0]))
        times.append(_time(path, line, row[0]))
        values.append([_value(path, line, name, cell) for name, cell in zip(header[1:], row[1:], strict=True)])
    if not rows[1:]:
        raise InvalidInputError(f"{path} has a header and no rows")
    return Table(tuple(written), np.array(times), tuple(header[1:]), np.array(values))


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
