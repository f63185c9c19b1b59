"""The file of a run: one JSON line for each scenario as it comes, in the suite's order with a summary at the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from aiops.bench.line import Line
from aiops.bench.report import COLUMNS
from aiops.core.errors import InvalidInputError


class Results:
    """Writes the file at `path`, anew. Every method raises `InvalidInputError` where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write([])

    def add(self, line: Line) -> None:
        """Append the line of a scenario that is done, so that an interrupt loses nothing."""
        try:
            with self._path.open("ab") as file:
                file.write(orjson.dumps(line) + b"\n")
        except OSError as error:
            raise self._unwritable(error) from error

    def finish(self, lines: Sequence[Line], summary: Line) -> None:
        """Replace what was appended by `lines`, in their order, and the summary."""
        self._write([*lines, {"summary": summary}])

    def _write(self, rows: Sequence[Line]) -> None:
        draft = self._path.with_name(self._path.name + ".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
            draft.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> InvalidInputError:
        return InvalidInputError(f"--json: cannot write {self._path}: {error.strerror or error}")


def read_summary(path: Path) -> Line:
    """The summary in the last line of a result. Raises `InvalidInputError`."""
    try:
        rows = path.read_bytes().splitlines()
        found: Any = orjson.loads(rows[-1])["summary"]
    except OSError as error:
        raise InvalidInputError(f"cannot read {path}: {error}") from error
    except (orjson.JSONDecodeError, LookupError, TypeError):
        raise InvalidInputError(f"{path}: its last line is no summary; was the run interrupted?") from None
    if not isinstance(found, dict) or not isinstance(found.get("agent"), str):
        raise InvalidInputError(f"{path}: its last line is no summary of a benchmark: the agent is missing")
    if not isinstance(found.get("scenarios"), int):
        raise InvalidInputError(f"{path}: its last line is no summary of a benchmark: scenarios is no number")
    intervals = found.get("intervals") or {}
    for name in (*COLUMNS, "median_seconds"):
        bounds = intervals.get(name) or (0.0, 0.0) if isinstance(intervals, dict) else ()
        if not _is_figure(found.get(name)) or len(bounds) != 2 or not all(map(_is_figure, bounds)):
            raise InvalidInputError(f"{path}: its last line is no summary of a benchmark: {name} is no figure")
    return found


def _is_figure(value: Any) -> bool:
    return value is None or isinstance(value, int | float)
