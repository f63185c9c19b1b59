"""`aiops demo`: one incident from alert to resolved, on the embedded lab."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from aiops.cli.applications import DEFAULT, ApplicationOption, ServicesOption, application_name
from aiops.cli.listening import LARGEST_PORT, PORT_HELP

NO_FAULT = "none"


def demo(
    fault: Annotated[
        str, typer.Option(help="The fault to inject (see 'aiops fault list'); 'none' for a healthy run.")
    ] = ("wrong_target_port"),
    seed: Annotated[int, typer.Option(help="Seed of the lab and of the fault's parameters.")] = 0,
    application: ApplicationOption = DEFAULT,
    services: ServicesOption = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="No page, ask nothing; needs --approve or --deny.")
    ] = False,
    approve: Annotated[bool | None, typer.Option("--approve/--deny", help="Answer every approval this way.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
    port: Annotated[int, typer.Option(min=0, max=LARGEST_PORT, help=PORT_HELP)] = 8080,
    browser: Annotated[bool, typer.Option(help="Open the web page in a browser, where there is one.")] = True,
    keep: Annotated[Path | None, typer.Option(help="Keep logs and databases in this new folder.")] = None,
) -> None:
    """Break a cluster of its own, and resolve the incident with your approval.

    Starts the embedded lab, the assistant and its page; injects a fault; follows the incident. You approve on the page
    or in the terminal. Exit code 1: it was not resolved."""
    from aiops.cli.demo_run import DemoOptions, run
    from aiops.core.errors import InvalidInputError

    if headless and approve is None:
        raise InvalidInputError("--headless asks nothing: say --approve or --deny")
    options = DemoOptions(
        fault=fault,
        seed=seed,
        application=application_name(application, services),
        answer=approve,
        quiet=as_json,
        port=port,
        page=not headless,
        browser=browser and not as_json,
    )
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise InvalidInputError(f"--keep {keep}: the folder is not empty")
        keep.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(run(options, keep))
    else:
        with tempfile.TemporaryDirectory(prefix="aiops-demo-") as directory:
            result = asyncio.run(run(options, Path(directory)))
    if as_json:
        typer.echo(json.dumps(result.as_json()))
    raise typer.Exit(0 if result.well else 1)
