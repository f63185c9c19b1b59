"""How results are shown: a line of progress, a table of agents, its markdown for a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from aiops.bench.line import Line

COLUMNS = {
    "detected": "detected",
    "balanced_accuracy": "balanced accuracy",
    "localized": "localized",
    "mechanism": "mechanism",
    "mitigated": "mitigated",
    "harmed": "harmed",
    "false_alarms": "false alarms",
    "changed_without_fault": "changed without fault",
}
"""Fields of a summary, and what they are called."""

TIMES = {
    "ttd": "time to detect (TTD)",
    "ttl": "time to localize (TTL)",
    "tta": "time to analyse (TTA)",
    "ttm": "time to mitigate (TTM)",
}
"""Simulated seconds from the onset, and what they are called."""

FLAGS = ("detected", "localized", "mechanism", "mitigated", "harmed")


def progress(line: Line) -> str:
    """One line for one scenario."""
    if line["error"] is not None:
        return f"{line['scenario']}: error: {line['error']}"
    if not line["admitted"]:
        return f"{line['scenario']}: not admitted: {line['reason']}"
    flags = [name for name in FLAGS if line.get(name)]
    return f"{line['scenario']}: {', '.join(flags) or '-'}{_state(line)}"


def table(summaries: Sequence[Line]) -> Table:
    """One row for each agent; rates with their 95 % intervals."""
    made = Table(box=None)
    for column in ("agent", "scenarios", *COLUMNS.values(), "median s"):
        made.add_column(column, justify="left" if column == "agent" else "right")
    for one in summaries:
        made.add_row(*(Text(cell) for cell in _cells(one, "\n")))
    return made


def by_family(one: Line) -> Table:
    """One row for each family of faults; rates with their 95 % intervals."""
    made = Table(box=None)
    for column in ("family", "scenarios", *FLAGS, "median s"):
        made.add_column(column, justify="left" if column == "family" else "right")
    families = one.get("categories")
    for name, found in families.items() if isinstance(families, dict) else ():
        if isinstance(found, dict):
            made.add_row(Text(name), str(found["scenarios"]), *_rates(found, FLAGS, "\n"), _seconds(found))
    return made


def as_markdown(summaries: Sequence[Line]) -> str:
    """The same table in markdown."""
    head = ["agent", "scenarios", *COLUMNS.values(), "median s"]
    rows = [head, ["---", *["--:"] * (len(head) - 1)], *(_cells(one, " ") for one in summaries)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def families_as_markdown(summaries: Sequence[Line]) -> str:
    """One row for each family of faults and one for all, for each agent what it localized, and what it mitigated."""
    agents = [str(one.get("agent", "?")) for one in summaries]
    tables = [found if isinstance(found := one.get("categories"), dict) else {} for one in summaries]
    families = sorted({name for found in tables for name in found})
    rows = [["family", *agents], ["---", *["--:"] * len(agents)]]
    rows += [[family, *(_pair(found.get(family)) for found in tables)] for family in families]
    rows.append(["all", *(_pair(one) for one in summaries)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _pair(rates: Any) -> str:
    values = [rates.get(name) if isinstance(rates, dict) else None for name in ("localized", "mitigated")]
    return " / ".join("-" if value is None else f"{value:.2f}" for value in values)


def refusals(lines: Sequence[Line]) -> Table:
    """Every scenario that does not count, and why."""
    made = Table(box=None)
    made.add_column("scenario", no_wrap=True)
    made.add_column("admitted")
    made.add_column("reason")
    for line in lines:
        reason = line["error"] if line["error"] is not None else line["reason"]
        made.add_row(Text(str(line["scenario"])), "no" if reason else "yes", Text(str(reason or "")))
    return made


def _cells(one: Line, between: str) -> list[str]:
    return [str(one.get("agent", "?")), str(one["scenarios"]), *_rates(one, COLUMNS, between), _seconds(one)]


def _rates(one: Line, names: Iterable[str], between: str) -> list[str]:
    known = one.get("intervals")
    intervals: dict[str, Any] = known if isinstance(known, dict) else {}
    return [_rate(one.get(name), intervals.get(name), between) for name in names]


def _seconds(one: Line) -> str:
    seconds = one.get("median_seconds")
    return f"{seconds:.0f}" if isinstance(seconds, int | float) else "-"


def _rate(value: Any, interval: Any, between: str) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}{between}[{interval[0]:.2f}, {interval[1]:.2f}]" if interval else f"{value:.2f}"


def _state(line: Line) -> str:
    return f" ({line['state']}, {line['wall_seconds']} s)" if "state" in line else ""
