"""`aiops serve`: the HTTP server."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from aiops.core.errors import ConfigurationError

if TYPE_CHECKING:
    from aiops.core.settings import Settings

PORTS_TRIED = 20

STRICT = "LANGGRAPH_STRICT_MSGPACK"
"""LangGraph reads it when it is imported: checkpoints may then hold only the types of our state, and it does not warn
about each of them."""


def serve(
    port: Annotated[int | None, typer.Option(help="Port; the next free one where it is taken.")] = None,
    exact_port: Annotated[bool, typer.Option(help="Stop where the port is taken.")] = False,
) -> None:
    """Run the assistant. Settings: AIOPS_* variables or aiops.toml; AIOPS_READ_ONLY=false allows changes."""
    os.environ.setdefault(STRICT, "true")
    from aiops.core.settings import load_settings
    from aiops.server.lock import only_one

    settings = load_settings()
    with only_one(settings.state_dir):
        _serve(settings, port, exact_port)


def _serve(settings: Settings, port: int | None, exact_port: bool) -> None:
    import uvicorn

    from aiops.cli.terminal import progress_console
    from aiops.server.address import ServerAddress, announce, choose_token
    from aiops.server.app import create_app
    from aiops.supervisor.engine import Engine
    from aiops.supervisor.services import check_clock, connect

    asyncio.run(check_clock(settings))
    listener = listen(settings.host, port if port is not None else settings.port, exact=exact_port)
    token = choose_token(settings)
    app = create_app(Engine(connect(settings)), token=token, host=settings.host)
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    notes = progress_console()
    notes.print(f"aiops serves {address}  ({'read-only' if settings.read_only else 'changes need approval'})")
    notes.print(f"its token is in {announce(settings.state_dir, ServerAddress(url=address, token=token))}")
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int, *, exact: bool) -> socket.socket:
    """A listening socket on `port`, or on the next free one. Raises `ConfigurationError` where there is none."""
    ports = [port] if exact or port == 0 else range(port, min(port + PORTS_TRIED, 65536))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in ports:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()  # only a listening socket keeps others off its port
        except OSError as error:
            listener.close()
            reason = error.strerror
            continue
        if candidate != port and port != 0:
            typer.echo(f"port {port} is taken, using {candidate}", err=True)
        return listener
    raise ConfigurationError(f"cannot listen on {host}:{port}{'' if exact else f' to {ports[-1]}'}: {reason}")
