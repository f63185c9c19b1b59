"""`aiops incident`: what the running assistant is working on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Incidents of the running assistant.", no_args_is_help=True)

StateDir = Annotated[
    Path, typer.Option("--state-dir", envvar="AIOPS_STATE_DIR", help="State folder of the running assistant.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT_STATE_DIR = Path(".aiops")


@app.command("list")
def list_incidents(state_dir: StateDir = DEFAULT_STATE_DIR, as_json: Json = False) -> None:
    """All incidents, newest first."""
    from rich.table import Table
    from rich.text import Text

    from aiops.cli.terminal import console, harmless, state_text
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
    for item in harmless(incidents):
        opened = rfc3339(item["opened_at"])
        namespaces = Text(", ".join(item["namespaces"]))
        table.add_row(item["id"], state_text(item["state"]), opened, namespaces, Text(item["title"]))
    console().print(table if incidents else "no incidents")


@app.command("show")
def show_incident(
    incident: Annotated[str, typer.Argument(help="An id of 'aiops incident list'.")],
    state_dir: StateDir = DEFAULT_STATE_DIR,
    as_json: Json = False,
) -> None:
    """The timeline of one incident."""
    from aiops.cli.terminal import console
    from aiops.cli.timeline import Timeline

    events = asyncio.run(_get(state_dir, f"/api/incidents/{incident}/events"))
    if as_json:
        typer.echo(json.dumps(events))
        return
    timeline = Timeline(console())
    for event in events:
        timeline.show(event)


async def _get(state_dir: Path, path: str) -> Any:
    from aiops.cli.api import AssistantApi
    from aiops.server.address import find

    address = find(state_dir)
    async with AssistantApi(address.url, address.token) as api:
        return await api.request("GET", path)
