"""A receiver of webhooks on loopback: it keeps what it got, and behaves as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiops.core.clock import pause

Answer = Callable[[int], bytes | None]
"""From the number of the request, counted from 1, to the raw answer; None: no answer at all."""


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    """A raw answer that ends the connection."""
    lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """`url` ends with a part that is secret in real life."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answer: Answer = lambda number: status(200)

    async def got(self, count: int) -> list[Request]:
        """Wait until so many requests came."""
        while len(self.requests) < count:
            await pause(0.005)
        return self.requests

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Request(head[0].split()[1], headers, body))
            answer = self.answer(len(self.requests))
            if answer is None:
                await reader.read()  # until the other side hangs up
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def receiving(answer: Answer | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    if answer is not None:
        receiver.answer = answer
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/services/hidden"
    try:
        yield receiver
    finally:
        server.close()
