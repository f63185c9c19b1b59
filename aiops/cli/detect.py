"""`aiops detect`: what is strange in a file of metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from aiops.analysis.anomaly.intervals import Interval
    from aiops.evals.timeseries import Table


def detect(
    file: Annotated[Path, typer.Argument(help="A CSV file: a column of times, and one or more of values.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the score of each row and the intervals as JSON.")
    ] = False,
) -> None:
    """Find the anomalies of metrics in a file. A row is as strange as the strangest of its columns."""
    from aiops.analysis.anomaly.committee import strangest
    from aiops.analysis.anomaly.intervals import intervals
    from aiops.evals.timeseries import read_table

    table = read_table(file)
    order = table.times.argsort(kind="stable")
    scores = strangest(table.values[order])
    times = [table.written[index] for index in order]
    found = [_interval(times, item) for item in intervals(scores)]
    if as_json:
        import orjson

        in_file = scores[order.argsort()]
        typer.echo(orjson.dumps({"scores": in_file.tolist(), "intervals": found}).decode())
    else:
        _show(found, table)


def _interval(times: list[float | str], found: Interval) -> list[Any]:
    return [times[found.first], times[found.last], found.score]


def _show(found: list[list[Any]], table: Table) -> None:
    from rich.table import Table as Shown
    from rich.text import Text

    from aiops.cli.terminal import console
    from aiops.core.text import visible

    out = console()
    if not found:
        out.print(f"nothing strange in {len(table.times)} rows of {len(table.columns)} column(s)")
        return
    shown = Shown("from", "to", "score", box=None)
    for first, last, score in found:
        shown.add_row(Text(visible(str(first))), Text(visible(str(last))), f"{score:.1f}")
    out.print(shown)
