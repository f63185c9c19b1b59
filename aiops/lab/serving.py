"""ASGI applications on ports of their own, inside one event loop."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from aiops.core.clock import pause
from aiops.lab.certificates import ServerCertificate
from aiops.lab.kube.access.clientcertificates import STATE

LOOPBACK = "127.0.0.1"

WS_LARGEST = 1 << 20
"""Bytes of one message of a WebSocket."""

_NO_TIME = 0x200000
"""OpenSSL's `X509_V_FLAG_NO_CHECK_TIME`: certificates begin and end by the lab's clock, not the machine's."""

_ORDINARY = ("ASGI callable returned without completing handshake.", "Unsupported upgrade request.")
"""What uvicorn says of an upgrade that the application refuses, which is an answer like any other."""


class _Ordinary(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.getMessage() not in _ORDINARY


_ORDINARY_ANSWERS = _Ordinary()


class Served:
    """Serves an application on a free loopback port while its async context is open; the context gives the address.

    A client may show a certificate by the certificate's authority; it stands in the state of the ASGI scope."""

    def __init__(self, app: ASGIApp, certificate: ServerCertificate | None = None) -> None:
        # the websockets package refuses kubectl's subprotocol SPDY/3.1+portforward.k8s.io for its slash
        config = uvicorn.Config(
            app,
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=1,
            ws="wsproto",
            ws_max_size=WS_LARGEST,
            server_header=False,  # none of the programs that are stood in for has one
        )
        config.load()
        logging.getLogger("uvicorn.error").addFilter(_ORDINARY_ANSWERS)
        if certificate is not None:
            config.ssl = _context(certificate)
            config.http_protocol_class = _telling(config.http_protocol_class)
        self._scheme = "http" if certificate is None else "https"
        self._server = _Server(config)

    async def __aenter__(self) -> str:
        # only a socket with its protocol named gets TCP_NODELAY from asyncio; without, each answer waits 40 ms
        listener = socket.socket(proto=socket.IPPROTO_TCP)
        listener.bind((LOOPBACK, 0))
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            await pause(0.005)
        return f"{self._scheme}://{LOOPBACK}:{listener.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._task


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are for the process as a whole, not for one of its servers."""
        yield


def _context(certificate: ServerCertificate) -> ssl.SSLContext:
    """The ssl module reads keys from files only; this one lives for a moment, readable by its owner alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_text(certificate.key + certificate.certificate)
        context.load_cert_chain(path)
    if certificate.authority:
        context.load_verify_locations(cadata=certificate.authority)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= _NO_TIME
    return context


def _telling(protocol: Any) -> Any:
    """An HTTP protocol of uvicorn that tells applications of the client's certificate."""

    class Telling(protocol):  # type: ignore[misc]
        app_state: dict[str, Any]

        def connection_made(self, transport: asyncio.Transport) -> None:
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            if shown:
                self.app_state = {**self.app_state, STATE: shown}
            super().connection_made(transport)

    return Telling
