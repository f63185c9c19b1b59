"""Two runs of the same scenarios: is one agent better, or was it luck?"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue
from rich.table import Table
from rich.text import Text

from aiops.bench.line import Line
from aiops.bench.summary import interval
from aiops.core.errors import InvalidInputError

FIELDS = {
    "detected": "fault",
    "localized": "fault",
    "mechanism": "fault",
    "mitigated": "fault",
    "false_alarms": "none",
    "harmed": "",
}
"""What is compared, and in which kind of scenario; in all where none is named."""

SOURCE = {"false_alarms": "detected"}
"""The field of a line, where it has another name."""


def compare(one: Sequence[Line], other: Sequence[Line]) -> Line:
    """`scenarios` that count in both runs; for each field of `FIELDS` the rates `a` and `b`, `difference` (b - a), its
    95 % `interval`, and whether it is `clear`: whether the interval leaves 0 out.

    Scenarios are drawn in pairs, so that what makes one hard cancels out (Efron & Tibshirani 1993, chapter 8). Raises
    `InvalidInputError` where the runs share no scenario."""
    known = {_key(line): line for line in other if line["admitted"]}
    pairs = [(line, known[_key(line)]) for line in one if line["admitted"] and _key(line) in known]
    if not pairs:
        raise InvalidInputError("the two runs have no scenario in common that counts in both")
    return {"scenarios": len(pairs), **{name: _difference(pairs, name) for name in FIELDS}}


def comparison_table(found: Line, one: str, other: str) -> Table:
    """One row for each field."""
    made = Table(box=None)
    for column in ("", one, other, "difference", "95 % interval", ""):
        made.add_column(column, justify="right" if column else "left")
    for name in FIELDS:
        row = found[name]
        if isinstance(row, dict):
            low, high = row["interval"] if isinstance(row["interval"], list) else (0.0, 0.0)
            cells = (f"{row['a']:.2f}", f"{row['b']:.2f}", f"{row['difference']:+.2f}", f"[{low:+.2f}, {high:+.2f}]")
            told = "clear" if row["clear"] else "may be luck"
            made.add_row(Text(name.replace("_", " ")), *(Text(cell) for cell in cells), Text(told))
    return made


def _key(line: Line) -> tuple[JsonValue, ...]:
    """What makes two scenarios the same."""
    return tuple(line.get(name) for name in ("scenario", "renamed", "load", "with_decoys"))


def _difference(pairs: Sequence[tuple[Line, Line]], name: str) -> JsonValue:
    kind, field = FIELDS[name], SOURCE.get(name, name)
    those = [(a, b) for a, b in pairs if not kind or a["kind"] == kind]
    if not those:
        return None
    before, after = ([float(bool(line.get(field))) for line in side] for side in zip(*those, strict=True))
    changes = [b - a for a, b in zip(before, after, strict=True)]
    bounds = interval(changes)
    low, high = bounds if isinstance(bounds, list) else (0.0, 0.0)
    clear = isinstance(low, float) and isinstance(high, float) and (low > 0 or high < 0)
    return {
        "a": round(sum(before) / len(before), 4),
        "b": round(sum(after) / len(after), 4),
        "difference": round(sum(changes) / len(changes), 4),
        "interval": bounds,
        "clear": clear,
    }
