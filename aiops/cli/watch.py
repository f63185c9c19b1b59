"""`aiops watch`: the continuous watch alone, in a terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from aiops.core.incident import Signal
    from aiops.core.settings import Settings
    from aiops.watch.watcher import Watcher


def watch(
    looks: Annotated[int | None, typer.Option(min=1, help="End after so many looks; else by an interrupt.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each finding as one line of JSON.")] = False,
) -> None:
    """Watch the golden signals of all services; print each trouble when it begins and when it is over.

    Reads Prometheus alone and changes nothing. `aiops serve` does the same, and investigates what it finds."""
    from aiops.core.settings import load_settings

    asyncio.run(_watch(load_settings(), looks, as_json=as_json))


async def _watch(settings: Settings, looks: int | None, *, as_json: bool) -> None:
    from aiops.core.errors import ConfigurationError
    from aiops.supervisor.services import connect_clients
    from aiops.watch.budget import Budget
    from aiops.watch.watcher import Watcher

    context, closers = connect_clients(settings)
    if context.metrics is None:
        raise ConfigurationError("nothing to watch: set AIOPS_PROMETHEUS_URL")
    budget = Budget(per_minute=settings.watch_queries_per_minute, shortest=settings.watch_seconds)
    watcher = Watcher(
        context.metrics,
        context.clock,
        lambda told: _print(told, as_json=as_json),
        namespaces=settings.namespaces,
        objective=settings.objective,
        budget=budget,
    )
    await watcher.look()
    _tell(watcher)
    try:
        while looks is None or (looks := looks - 1) > 0:
            await context.clock.sleep(budget.interval)
            await watcher.look()
    finally:
        for close in closers:
            await close()


def _tell(watcher: Watcher) -> None:
    from aiops.cli.terminal import progress_console

    status = watcher.status()
    if status.failure:
        said = f"Prometheus cannot be read: {status.failure}"
    elif not status.families:
        said = "no known family of request metrics is there (aiops connect tells which are known)"
    else:
        said = (
            f"watching {status.services} services by {', '.join(status.families)}: "
            f"every {status.interval_seconds:.0f} s, {status.queries_per_minute:g} queries a minute"
        )
    progress_console().print(said, markup=False)


def _print(told: list[Signal], *, as_json: bool) -> None:
    from aiops.core.clock import rfc3339
    from aiops.core.text import visible

    for signal in told:
        if as_json:
            typer.echo(signal.model_dump_json())
        else:
            over = "over: " if signal.resolved else ""
            typer.echo(visible(f"{rfc3339(signal.received_at)} {over}{signal.title}"))
