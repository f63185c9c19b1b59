"""`aiops incident`: what the running assistant is working on."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

app = typer.Typer(help="Incidents of the running assistant.", no_args_is_help=True)

StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", help="State folder of the assistant, where it is not that of the settings."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_incidents(state_dir: StateDir = None, as_json: Json = False) -> None:
    """All incidents, newest first."""
    from rich.table import Table
    from rich.text import Text

    from aiops.cli.terminal import console, state_text, visible_values
    from aiops.core.clock import rfc3339

    incidents = asyncio.run(_get(state_dir, "/api/incidents"))
    if as_json:
        typer.echo(json.dumps(incidents))
        return
    table = Table(box=None)
    for name in ("incident", "state", "opened"):
        table.add_column(name, no_wrap=True)
    table.add_column("namespaces")
    table.add_column("title", overflow="fold")
    for item in visible_values(incidents):
        opened = rfc3339(item["opened_at"])
        namespaces = Text(", ".join(item["namespaces"]))
        table.add_row(item["id"], state_text(item["state"]), opened, namespaces, Text(item["title"]))
    console().print(table if incidents else "no incidents")


@app.command("postmortem")
def postmortem(
    incident: Annotated[str, typer.Argument(help="An id of 'aiops incident list'.")],
    html: Annotated[Path | None, typer.Option(help="Write one HTML file that needs no other.")] = None,
    state_dir: StateDir = None,
) -> None:
    """The post-mortem of an incident as markdown: impact, cause, timeline, evidence, what was ruled out."""
    from aiops.core.text import visible

    found = asyncio.run(_get(state_dir, f"/api/incidents/{quote(incident, safe='')}/postmortem"))
    if html is not None:
        html.write_text(found["html"], encoding="utf-8")
        return
    typer.echo("\n".join(visible(line) for line in found["markdown"].splitlines()))


@app.command("show")
def show_incident(
    incident: Annotated[str, typer.Argument(help="An id of 'aiops incident list'.")],
    state_dir: StateDir = None,
    as_json: Json = False,
) -> None:
    """The timeline of one incident."""
    from aiops.cli.terminal import console
    from aiops.cli.timeline import Timeline

    events = asyncio.run(_get(state_dir, f"/api/incidents/{quote(incident, safe='')}/events"))
    if as_json:
        typer.echo(json.dumps(events))
        return
    timeline = Timeline(console())
    for event in events:
        timeline.show(event)


async def _get(state_dir: Path | None, path: str) -> Any:
    from aiops.core.settings import load_settings
    from aiops.server.address import find
    from aiops.ui.api import ServerApi

    folder = state_dir or load_settings().state_dir
    async with ServerApi(partial(find, folder)) as api:
        return await api.request("GET", path)
