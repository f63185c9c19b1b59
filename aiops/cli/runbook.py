"""`aiops runbook`: read and search the runbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from aiops.knowledge.library import Library

app = typer.Typer(help="Runbooks: those that are built in, and your own (runbooks_dir).", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
EXCERPT = 300
"""Characters of a passage that a search prints."""


@app.command("list")
def list_runbooks(as_json: Json = False) -> None:
    """All runbooks, and the files that could not be read."""
    from rich.table import Table
    from rich.text import Text

    from aiops.cli.terminal import console, progress_console
    from aiops.core.text import visible

    library = _library()
    if as_json:
        import orjson

        typer.echo(orjson.dumps([r.model_dump(mode="json", exclude={"sections"}) for r in library.runbooks()]))
        return
    table = Table(box=None)
    table.add_column("runbook", no_wrap=True)
    table.add_column("about")
    table.add_column("title", overflow="fold")
    for runbook in library.runbooks():
        about = ", ".join(runbook.mechanisms) or "-"
        table.add_row(Text(visible(runbook.name)), Text(about), Text(visible(runbook.title)))
    console().print(table)
    for problem in library.problems:
        progress_console().print(Text(visible(f"left out: {problem}")))


@app.command("show")
def show_runbook(name: Annotated[str, typer.Argument(help="A name of 'aiops runbook list'.")]) -> None:
    """One runbook, as it is written."""
    from aiops.core.text import visible

    runbook = _library().get(name)
    links = "".join(f"\n- {link}" for link in runbook.links)
    typer.echo(visible(f"# {runbook.title}\n\n{runbook.text()}{f'{chr(10)}{chr(10)}## Links{links}' if links else ''}"))


@app.command("search")
def search_runbooks(
    text: Annotated[str, typer.Argument(help="Symptoms or a question, in any words.")],
    limit: Annotated[int, typer.Option(min=1, max=20, help="How many runbooks.")] = 3,
    as_json: Json = False,
) -> None:
    """The runbooks that fit best, each with its best passage."""
    from rich.text import Text

    from aiops.cli.terminal import console
    from aiops.core.text import visible

    found = _library().search(text, limit)
    if as_json:
        import orjson

        typer.echo(orjson.dumps([passage.model_dump() for passage in found]))
        return
    for passage in found:
        head = Text(visible(f"{passage.runbook}: {passage.title}"), style="bold")
        console().print(head, Text(visible(f"{passage.heading}: {passage.text[:EXCERPT]}\n")), sep="\n")
    if not found:
        console().print("no runbook fits")


def _library() -> Library:
    from aiops.core.settings import load_settings
    from aiops.knowledge.library import Library

    settings = load_settings()
    return Library.open(settings.state_dir, settings.runbooks_dir)
