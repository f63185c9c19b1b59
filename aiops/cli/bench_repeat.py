"""`aiops bench repeat`: whether scenarios give the same lines again."""

from __future__ import annotations

from typing import Annotated

import typer

from aiops.cli.bench import INTERRUPTED, App, Cache, HeldOut, Jobs, Only, Seeds, Suite, play
from aiops.cli.bench_report import app
from aiops.cli.bench_scenarios import chosen

__all__ = ["app"]


@app.command()
def repeat(
    suite: Suite = "smoke",
    application: App = None,
    seeds: Seeds = "0",
    agent: Annotated[str, typer.Option(help="An agent of 'aiops bench list', or module:Class.")] = "status-rules",
    jobs: Jobs = 2,
    only: Only = None,
    cache: Cache = None,
    held_out: HeldOut = False,
) -> None:
    """Play scenarios twice, the second time backwards and one at a time, and compare their lines.

    Exits with 1 where one differs."""
    from aiops.bench.agents.loading import agent_of
    from aiops.bench.repeating import backwards, unequal

    scenarios = chosen(suite, application, seeds, only, held_out=held_out)
    entry = agent_of(agent).configured()
    first = play(scenarios, entry, jobs, cache, None)
    second = play(backwards(scenarios), entry, 1, cache, None)
    if len(first) < len(scenarios) or len(second) < len(scenarios):
        raise typer.Exit(INTERRUPTED)
    found = unequal(first, second)
    for name, fields in found.items():
        typer.echo(f"{name}: {', '.join(fields)}")
    typer.echo(f"{len(scenarios) - len(found)} of {len(scenarios)} scenarios gave the same line twice")
    if found:
        raise typer.Exit(1)
