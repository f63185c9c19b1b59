"""`aiops bench report` and `compare`: what results of runs tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from aiops.cli.bench import app
from aiops.core.errors import InvalidInputError

__all__ = ["app"]

Result = Annotated[Path, typer.Argument(help="A result of 'aiops bench run --json'.")]


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(help="Results of 'aiops bench run --json'.")],
    markdown: Annotated[bool, typer.Option(help="Print the table as markdown.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the one run as a page that needs no other file.")] = None,
) -> None:
    """Compare agents, one row for each file; or write one run as a page."""
    from aiops.bench.report import as_markdown, table
    from aiops.bench.results import read_summary
    from aiops.cli.terminal import console

    summaries = [read_summary(path) for path in files]
    if html is not None:
        _write_page(files, html)
    elif markdown:
        typer.echo(as_markdown(summaries))
    else:
        console().print(table(summaries))


@app.command()
def compare(
    one: Result, other: Result, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Whether the second run is better than the first, scenario by scenario, with intervals."""
    from aiops.bench.compare import compare as compared
    from aiops.bench.compare import comparison_table
    from aiops.bench.results import read_lines
    from aiops.cli.terminal import console

    found = compared(read_lines(one), read_lines(other))
    if as_json:
        typer.echo(json.dumps(found))
        return
    console().print(f"{found['scenarios']} scenarios that count in both")
    console().print(comparison_table(found, one.stem, other.stem))


def _write_page(files: list[Path], html: Path) -> None:
    from aiops.bench.page.page import page
    from aiops.bench.results import read_lines, read_summary

    if len(files) != 1:
        raise InvalidInputError("--html: a page tells one run; name one file")
    try:
        html.write_text(page(read_summary(files[0]), read_lines(files[0])), encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"--html: cannot write {html}: {error.strerror or error}") from error
    typer.echo(f"wrote {html}")
