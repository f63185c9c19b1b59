"""Tables in documents, each between two marks by which it is found again."""

from __future__ import annotations

from pathlib import Path

from aiops.core.errors import InvalidInputError


def marks(name: str) -> tuple[str, str]:
    """What stands before and after the table of a name."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def write_between_marks(path: Path, name: str, table: str) -> None:
    """Replace the table of a name in a document. Raises `InvalidInputError` where it has no place for it."""
    first, last = marks(name)
    try:
        before, begin, rest = path.read_text(encoding="utf-8").partition(first)
        _, end, after = rest.partition(last)
        if not begin or not end:
            raise InvalidInputError(f"{path}: no place for a table: {first} and {last} are missing")
        path.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"--into: {path}: {error.strerror or error}") from error
