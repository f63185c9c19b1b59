"""`aiops serve`: the HTTP server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from aiops.cli.listening import LARGEST_PORT, PORT_HELP

if TYPE_CHECKING:
    from aiops.core.settings import Settings


def serve(
    port: Annotated[int | None, typer.Option(min=0, max=LARGEST_PORT, help=PORT_HELP)] = None,
    exact_port: Annotated[bool, typer.Option(help="Refuse to start where the port is taken.")] = False,
) -> None:
    """Run the assistant: its HTTP API, its watch on the cluster, and its incidents.

    It is read-only until AIOPS_READ_ONLY=false says otherwise; then each change still needs an approval. Its address
    and token are written to server.json in the state folder (AIOPS_STATE_DIR), where the other commands find them."""
    from aiops.core.settings import load_settings
    from aiops.server.lock import only_one

    settings = load_settings()
    with only_one(settings.state_dir):
        _serve(settings, port, exact_port)


def _serve(settings: Settings, port: int | None, exact_port: bool) -> None:
    import uvicorn

    from aiops.cli.listening import listen, url_of
    from aiops.cli.terminal import progress_console
    from aiops.core.server_address import ServerAddress
    from aiops.server.address import announce, choose_token
    from aiops.server.app import create_app
    from aiops.supervisor.engine import Engine
    from aiops.supervisor.services import check_clock, connect

    asyncio.run(check_clock(settings))
    listener = listen(settings.host, port if port is not None else settings.port, exact=exact_port)
    token = choose_token(settings)
    engine = Engine(connect(settings))
    app = create_app(engine, token=token, host=settings.host, watcher=engine.watcher())
    address = url_of(settings.host, listener)
    notes = progress_console()
    notes.print(f"aiops serves {address}  ({'read-only' if settings.read_only else 'changes need approval'})")
    notes.print(f"its token is in {announce(settings.state_dir, ServerAddress(url=address, token=token))}")
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])
