"""The file of a run: one JSON line for each scenario as it comes, in the suite's order with a summary at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from aiops.bench.line import Line
from aiops.bench.report import COLUMNS
from aiops.core.errors import InvalidInputError


class Results:
    """Writes the file at `path`, anew but for lines that are `kept`. Every method raises `InvalidInputError` where it
    cannot be written."""

    def __init__(self, path: Path, kept: Sequence[Line] = ()) -> None:
        self._path = path
        self._write(kept)

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


def read_lines(path: Path) -> list[Line]:
    """The lines of scenarios in a result; a last one that a crash cut off is left out. Raises `InvalidInputError`."""
    try:
        text = path.read_bytes()
        rows: list[Any] = [orjson.loads(row) for row in text[: text.rfind(b"\n") + 1].splitlines()]
    except OSError as error:
        raise InvalidInputError(f"cannot read {path}: {error}") from error
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(f"{path}: not a result of 'aiops bench run --json': {error}") from error
    found = [row for row in rows if isinstance(row, dict) and "summary" not in row]
    if any(not isinstance(row.get("scenario"), str) or "error" not in row for row in found):
        raise InvalidInputError(f"{path}: not a result of 'aiops bench run --json': a line has no scenario")
    return found


def lines_to_keep(path: Path, agent: str | None, heads: Mapping[str, Line]) -> list[Line]:
    """What an earlier run of the same scenarios has played; what ended in an error is played again. `heads` are what
    tells the scenarios, by id. Raises `InvalidInputError` where the file is of another agent or of other scenarios."""
    kept = []
    for line in read_lines(path) if path.exists() else ():
        name = str(line["scenario"])
        if line.get("agent") != agent:
            raise InvalidInputError(f"--resume: {path} is of the agent {line.get('agent')!r}, not of {agent!r}")
        if name not in heads or any(line.get(field) != value for field, value in heads[name].items()):
            raise InvalidInputError(f"--resume: {path} holds {name}, which is not one of the scenarios asked for")
        if line["error"] is None:
            kept.append(line)
    return kept


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
