"""`aiops logs`: what a file of log lines holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from aiops.analysis.logs.templates import Parsed

app = typer.Typer(name="logs", help="Make log lines readable: group them by the statement that wrote them.")


@app.callback()
def _logs() -> None:
    """A group of commands, also while there is one only."""


@app.command()
def templates(
    file: Annotated[Path, typer.Argument(help="A text file, one log line a line.")],
    limit: Annotated[int, typer.Option(min=1, help="Templates to show, the most frequent first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of them, and that of each line, as JSON.")] = False,
) -> None:
    """Group the lines of a file by template; `<*>` stands for what varies, and for secrets."""
    from aiops.analysis.logs.templates import parse

    parsed = parse(_lines(file))
    if as_json:
        typer.echo(_json(parsed))
    else:
        _show(parsed, limit)


def _lines(file: Path) -> list[str]:
    """The lines of a file; only a line feed ends one."""
    from aiops.core.errors import InvalidInputError

    try:
        text = file.read_bytes().decode(errors="replace")
    except OSError as error:
        raise InvalidInputError(f"{file} cannot be read: {error.strerror}") from error
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _json(parsed: Parsed) -> str:
    import orjson

    found = [
        {"id": index, "template": template, "count": int(count)}
        for index, (template, count) in enumerate(zip(parsed.templates, parsed.counts, strict=True))
    ]
    return orjson.dumps({"templates": found, "lines": parsed.assignment.tolist()}).decode()


def _show(parsed: Parsed, limit: int) -> None:
    from rich.table import Table
    from rich.text import Text

    from aiops.cli.terminal import console
    from aiops.core.text import visible

    table = Table("lines", "template", box=None)
    for template, count in list(zip(parsed.templates, parsed.counts, strict=True))[:limit]:
        table.add_row(str(count), Text(visible(template)))
    console().print(table)
    if len(parsed.templates) > limit:
        console().print(f"and {len(parsed.templates) - limit} more; --limit shows them")
