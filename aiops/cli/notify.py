"""`aiops notify`: messages about incidents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from aiops.clients.notifiers.message import Channel, Message

app = typer.Typer(help="Messages about incidents, to where on-call lives.", no_args_is_help=True)


@app.callback()
def notify() -> None:
    """Keep `test` a command of its own."""


@app.command("test")
def test() -> None:
    """Send a sample to each receiver that the settings name; exits with 1 where one did not take it."""
    from aiops.core.errors import ConfigurationError
    from aiops.core.settings import load_settings
    from aiops.supervisor.messages import sample
    from aiops.supervisor.notifications import channels_of

    settings = load_settings()
    channels = channels_of(settings)
    if not channels:
        raise ConfigurationError("nobody is told: set webhook_url with webhook_secret, or slack_webhook_url")
    results = asyncio.run(_send(channels, sample(settings.public_url)))
    for name, problem in results.items():
        typer.echo(f"{name}: {problem or 'delivered'}")
    if any(results.values()):
        raise typer.Exit(1)


async def _send(channels: tuple[Channel, ...], message: Message) -> dict[str, str | None]:
    """What went wrong, by channel; None where nothing did."""
    from aiops.clients.notifiers.message import UndeliveredError

    results: dict[str, str | None] = {}
    for channel in channels:
        try:
            await channel.send(message)
            results[channel.name] = None
        except UndeliveredError as error:
            results[channel.name] = str(error)
        finally:
            await channel.close()
    return results
