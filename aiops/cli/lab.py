"""`aiops lab`: the embedded cluster as a process of its own."""

from __future__ import annotations

import asyncio
import json
from math import isnan
from pathlib import Path
from typing import Annotated

import typer

from aiops.cli.applications import DEFAULT, ApplicationOption, ServicesOption, application_name

FASTEST = 1000.0
"""No machine simulates faster than that, and a clock that falls behind helps nobody."""

LONGEST_HISTORY = 24 * 60.0

app = typer.Typer(help="The embedded cluster: Kubernetes, traffic and telemetry in one process.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The embedded cluster: Kubernetes, traffic and telemetry in one process."""


@app.command("apps")
def list_applications(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """The applications that --app can name."""
    from rich.table import Table

    from aiops.cli.terminal import console
    from aiops.lab.apps.listing import listed

    rows = [entry.model_dump() for entry in listed()]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row))
        return
    table = Table(box=None)
    for column in rows[0]:
        table.add_column(column.replace("_", " "), justify="left" if column == "name" else "right")
    for row in rows:
        table.add_row(*(f"{value:g}" if isinstance(value, float) else str(value) for value in row.values()))
    console().print(table)
    console().print("random:N draws one of N services, 10 to 400, from the seed")


@app.command()
def bench(
    application: ApplicationOption = "random",
    services: ServicesOption = None,
    replicas: Annotated[
        int | None, typer.Option(min=1, help="Pods of each service; else as many as the application has.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, help="Simulated seconds that are measured.")] = 3600.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same cluster and telemetry.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure how fast a lab runs, in simulated seconds for a second of CPU time of one core."""
    from dataclasses import asdict

    from aiops.cli.terminal import console
    from aiops.lab.measuring import measure

    found = asdict(measure(application_name(application, services), replicas=replicas, seconds=seconds, seed=seed))
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, value in found.items():
        console().print(f"{name.replace('_', ' '):<30} {value}")


@app.command()
def up(
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder for kubeconfigs and addresses; else 'lab' in the state folder.")
    ] = None,
    application: ApplicationOption = DEFAULT,
    services: ServicesOption = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same cluster and telemetry.")] = 0,
    speed: Annotated[
        float,
        typer.Option(min=0, max=FASTEST, help="Simulated seconds in one real second; 0: time stands until advanced."),
    ] = 1.0,
    history: Annotated[
        float, typer.Option(min=0, max=LONGEST_HISTORY, help="Simulated minutes of normal history at the start.")
    ] = 30.0,
) -> None:
    """Start a cluster, print where its APIs are, and run until interrupted."""
    from aiops.cli.access import grant_assistant_access
    from aiops.cli.fault_place import JOURNAL
    from aiops.cli.lab_folder import lab_folder
    from aiops.cli.terminal import progress_console
    from aiops.core.errors import InvalidInputError
    from aiops.lab.process import LabOptions, run_lab

    if isnan(speed) or isnan(history):
        raise InvalidInputError("--speed and --history must be numbers")
    notes, directory = progress_console(), lab_folder(folder)
    options = LabOptions(
        directory=directory,
        application=application_name(application, services),
        seed=seed,
        speed=speed or None,
        history_seconds=history * 60,
    )

    async def ready(addresses: dict[str, str], namespaces: tuple[str, ...]) -> None:
        (directory / JOURNAL).unlink(missing_ok=True)  # what stood in an earlier lab is gone with it
        await grant_assistant_access(directory / "admin.kubeconfig", namespaces)
        for name, address in addresses.items():
            notes.print(f"{name:<12} {address}", soft_wrap=True)
        notes.print(f"try: kubectl --kubeconfig {directory}/admin.kubeconfig get pods -A", soft_wrap=True)

    lived = f"; it lives {history:g} simulated minutes first" if history else ""
    notes.print(f"starting {options.application} with seed {seed} in {directory}{lived} ...", soft_wrap=True)
    asyncio.run(run_lab(options, ready))
