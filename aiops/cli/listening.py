"""The port that a server of ours takes."""

from __future__ import annotations

import socket

import typer

from aiops.core.errors import ConfigurationError

PORTS_TRIED = 20
LARGEST_PORT = 65535
PORT_HELP = "Port; the next free one where it is taken. 0: any."


def listen(host: str, port: int, *, exact: bool) -> socket.socket:
    """A listening socket on `port`, or on the next free one. Raises `ConfigurationError` where there is none."""
    if not host.strip():
        raise ConfigurationError("the address to listen on is empty: name one, such as 127.0.0.1")
    ports = [port] if exact or port == 0 else range(port, min(port + PORTS_TRIED, LARGEST_PORT + 1))
    for candidate in ports:
        try:
            listener = _bound(host, candidate)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            continue
        if candidate != port and port != 0:
            typer.echo(f"port {port} is taken, using {candidate}", err=True)
        return listener
    raise ConfigurationError(f"cannot listen on {host}:{port}{'' if exact else f' to {ports[-1]}'}: {reason}")


def url_of(host: str, listener: socket.socket) -> str:
    """Where browsers find it; an address of IPv6 stands in brackets."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # only a listening socket keeps others off its port
    except (OSError, UnicodeError):
        listener.close()
        raise
    return listener
