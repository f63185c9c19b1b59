"""`aiops page`: the web page, a process of its own beside a running server."""

from __future__ import annotations

import getpass
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiops.core.errors import ConfigurationError

if TYPE_CHECKING:
    from aiops.ui.api import Server

PORT = 8090

FILE = "page.json"
"""In the state folder: where a running page is, with the token of its link; only its owner can read it."""


def page(
    server: Annotated[str | None, typer.Option(help="Address of the server; else the one of the state folder.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; the next free one where it is taken.")] = PORT,
    name: Annotated[
        list[str] | None, typer.Option(help="Another host name under which browsers reach it, as behind a proxy.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--as", help="Your name, kept beside your answers.")] = None,
) -> None:
    """Serve the web page and print its link. With --server, AIOPS_TOKEN is the server's token."""
    import uvicorn

    from aiops.cli.serve import listen
    from aiops.cli.terminal import console
    from aiops.core.settings import load_settings
    from aiops.ui.app import create_app

    settings = load_settings()
    locate = _locator(server, settings.token.get_secret_value() if settings.token else "", settings.state_dir)
    listener = listen(host, port, exact=False)
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = create_app(locate, token=token, hosts=[host, *(name or ())], port=port, actor=actor or _login_name())
    link = f"http://{f'[{host}]' if ':' in host else host}:{port}/?token={token}"
    _announce(settings.state_dir, link)
    console().print(f"aiops page: {link}", soft_wrap=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def _locator(url: str | None, token: str, state_dir: Path) -> Callable[[], Server]:
    """What tells where the server is. Raises `ConfigurationError` where a token is missing."""
    from aiops.server.address import find
    from aiops.ui.api import Server

    if url is not None:
        if not url.startswith(("http://", "https://")):
            raise ConfigurationError(f"--server {url}: not an address such as http://127.0.0.1:8080")
        if not token:
            raise ConfigurationError("--server needs the server's token in AIOPS_TOKEN")
        known = Server(url.rstrip("/"), token)
        return lambda: known

    def look() -> Server:
        address = find(state_dir)
        return Server(address.url, address.token)

    return look


def _announce(state_dir: Path, link: str) -> None:
    """Write where the page is, for commands that open it."""
    state_dir.mkdir(parents=True, exist_ok=True)
    path, draft = state_dir / FILE, state_dir / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"link": link}, file)
    draft.replace(path)


def _login_name() -> str:
    """Who runs this process; where the system does not say, an operator."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"
