"""A bound on what a request may send, so that no client can fill the memory."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiops.server.errors import refusal

MOST_BYTES = 8 * 1024 * 1024
"""A notification of a thousand alerts takes about one."""


class BodyLimit:
    """ASGI middleware. Answers 413 where a body is longer than `limit` bytes, without reading the rest."""

    def __init__(self, app: ASGIApp, *, limit: int = MOST_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._limit:
            await self._refuse(scope, receive, send)
            return
        body = await self._read(receive)
        if body is None:
            await self._refuse(scope, receive, send)
            return
        await self._app(scope, _Replay(body, receive), send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """The messages of the body; None where they are too long."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._limit:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return messages

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = f"request refused: the body is longer than {self._limit} bytes"
        await refusal(text, 413)(scope, receive, send)


class _Replay:
    """Gives the messages that were read already, then what comes after them."""

    def __init__(self, messages: list[Message], receive: Receive) -> None:
        self._messages = list(reversed(messages))
        self._receive = receive

    async def __call__(self) -> Message:
        return self._messages.pop() if self._messages else await self._receive()
