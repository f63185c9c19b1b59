"""`aiops page`: the web page, a process of its own beside a running server."""

from __future__ import annotations

import getpass
import json
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aiops.cli.listening import LARGEST_PORT, PORT_HELP
from aiops.core.errors import ConfigurationError, InvalidInputError
from aiops.core.private_file import private_folder, write_private

if TYPE_CHECKING:
    from aiops.core.server_address import ServerAddress

PORT = 8090

FILE = "page.json"
"""In the state folder: where a running page is, with the token of its link; only its owner can read it."""


def page(
    server: Annotated[str | None, typer.Option(help="Address of the assistant; else that of the state folder.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=LARGEST_PORT, help=PORT_HELP)] = PORT,
    name: Annotated[
        list[str] | None, typer.Option(help="Another host name under which browsers reach it, as behind a proxy.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--as", help="Your name, kept with your answers; else your login.")
    ] = None,
) -> None:
    """Serve the web page of a running assistant, and print its link.

    The link holds a token: whoever has it may approve changes in your name. With --server, AIOPS_TOKEN must hold the
    server's token."""
    import uvicorn

    from aiops.cli.listening import listen, url_of
    from aiops.cli.terminal import console
    from aiops.core.settings import load_settings
    from aiops.ui.app import create_app

    settings = load_settings()
    actor = _signature(actor)
    locate = _locator(server, settings.token.get_secret_value() if settings.token else "", settings.state_dir)
    listener = listen(host, port, exact=False)
    token = secrets.token_urlsafe(24)
    port = listener.getsockname()[1]
    app = create_app(locate, token=token, hosts=[host, *(name or ())], port=port, actor=actor)
    link = f"{url_of(host, listener)}/?token={token}"
    _announce(settings.state_dir, link)
    console().print(f"aiops page: {link}", soft_wrap=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def _locator(url: str | None, token: str, state_dir: Path) -> Callable[[], ServerAddress]:
    """What tells where the server is. Raises `ConfigurationError` where a token is missing."""
    from aiops.core.server_address import ServerAddress
    from aiops.server.address import find

    if url is None:
        return partial(find, state_dir)
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(f"--server {url}: not an address such as http://127.0.0.1:8080")
    if not token:
        raise ConfigurationError("--server needs the server's token in AIOPS_TOKEN")
    known = ServerAddress(url=url.rstrip("/"), token=token)
    return lambda: known


def _announce(state_dir: Path, link: str) -> None:
    """Write where the page is, for commands that open it."""
    write_private(private_folder(state_dir) / FILE, json.dumps({"link": link}))


def _signature(given: str | None) -> str:
    """The name under which answers are recorded; else who runs this process, or an operator.

    Raises `InvalidInputError` where the server would refuse it."""
    from aiops.core.incident import LONGEST_ACTOR

    name = given.strip() if given is not None else _login_name()
    if not 0 < len(name) <= LONGEST_ACTOR:
        raise InvalidInputError(f"--as: a name has 1 to {LONGEST_ACTOR} characters, not {len(name)}")
    return name


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"
