"""`aiops notify`: messages about incidents."""

from __future__ import annotations

import asyncio

import typer

app = typer.Typer(help="Messages about incidents, to where on-call lives.", no_args_is_help=True)


@app.callback()
def notify() -> None:
    """Keep `test` a command of its own."""


@app.command("test")
def test() -> None:
    """Send a sample to each receiver that the settings name.

    Exits with 1 where one did not take it."""
    from aiops.core.errors import ConfigurationError
    from aiops.core.settings import load_settings
    from aiops.core.text import visible
    from aiops.supervisor.messages import sample
    from aiops.supervisor.notifications import channels_of, try_all

    settings = load_settings()
    channels = channels_of(settings)
    if not channels:
        raise ConfigurationError("nobody is told: set webhook_url with webhook_secret, or slack_webhook_url")
    results = asyncio.run(try_all(channels, sample(settings.public_url)))
    for name, problem in results.items():
        typer.echo(visible(f"{name}: {problem or 'delivered'}"))
    if any(results.values()):
        raise typer.Exit(1)
