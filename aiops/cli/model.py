"""`aiops model`: the language model that the settings name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from aiops.clients.models.checking import ModelCheck
    from aiops.core.settings import Settings

app = typer.Typer(help="The language model, where one is configured.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `check` a command of its own while it is the only one."""


@app.command("check")
def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Try what the assistant needs of the model, and how fast it is.

    Makes four calls: is it reachable, does it keep to a JSON form, does it call tools?
    Exits with 1 where it cannot give second opinions."""
    from aiops.cli.terminal import console
    from aiops.core.settings import load_settings

    found = asyncio.run(_check(load_settings()))
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        show(found, console())
    if not found.json_output:
        raise typer.Exit(1)


async def _check(settings: Settings) -> ModelCheck:
    from aiops.clients.models.checking import check_model
    from aiops.clients.models.connect import connect_model
    from aiops.core.errors import ConfigurationError

    model = connect_model(settings)
    if model is None:
        raise ConfigurationError(
            "no model is configured: set AIOPS_MODEL_URL and AIOPS_MODEL_NAME, or AIOPS_MODEL_FILE"
        )
    try:
        return await check_model(model)
    finally:
        await model.close()


def show(found: ModelCheck, out: Console) -> None:
    """A line for each thing that was tried, then what went wrong."""
    from rich.text import Text

    from aiops.core.text import visible

    lines = [
        (found.reachable, f"{found.place} {'answers' if found.reachable else 'does not answer'}"),
        (found.json_output, "keeps to a JSON form: needed for second opinions"),
        (found.tool_calls, "calls tools: needed to answer questions"),
    ]
    for good, text in lines if found.reachable else lines[:1]:
        out.print(Text("yes  " if good else "no   ", style="green" if good else "red").append(visible(text), "default"))
    if found.tokens_per_second is not None:
        out.print(f"     {found.tokens_per_second:g} tokens a second; the check took {found.tokens} tokens")
    for problem in found.problems:
        out.print(Text(f"     {visible(problem)}", style="yellow"))
