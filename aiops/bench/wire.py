"""The way from a client to an API in this process: no network, streamed answers as they come, writes noted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from starlette.types import ASGIApp, Message, Scope

WRITES = ("PATCH", "POST", "PUT", "DELETE")
REVIEWS = "accessreviews"
_EVICTION = "/eviction"
"""What a disruption budget answers is meant for whoever evicts."""

_LOG = "/log"
NO_LOG = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "message": "Get containerLogs: dial tcp: connect: connection refused",
    "code": 500,
}
"""What the API server says where it does not reach a kubelet."""

MOST_TRIES = 10
"""How often a request is made that the API server has no place for, as client-go does it."""

END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


@dataclass(frozen=True, slots=True)
class Write:
    """A change that the API server made for somebody: `verb` is the HTTP method, `path` the object's or its kind's."""

    at: float
    verb: str
    path: str


class Wire(httpx2.AsyncBaseTransport):
    """A transport to an ASGI application. While `dark`, nobody answers; while `mute`, no kubelet gives a container's
    log."""

    def __init__(self, app: ASGIApp, now: Callable[[], float]) -> None:
        self._app = app
        self._plain = httpx2.ASGITransport(app=app)
        self._now = now
        self.dark = False
        self.mute = False
        self.writes: list[Write] = []
        self._listener: Callable[[str], None] = lambda _: None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.dark:
            raise httpx2.ConnectError("connection refused", request=request)
        if self.mute and request.url.path.endswith(_LOG):
            return httpx2.Response(httpx2.codes.INTERNAL_SERVER_ERROR, json=NO_LOG, request=request)
        if request.url.params.get("watch") in ("1", "true"):
            return await self._streamed(request)
        reply = await self._answered(request)
        if reply.status_code < 300 and _changes(request):
            write = Write(self._now(), request.method, await _object(request, reply))
            self.writes.append(write)
            self._listener(write.path)
        return reply

    async def _answered(self, request: httpx2.Request) -> httpx2.Response:
        """The answer; where the server is too busy, to another try: what is said there comes before any handling."""
        reply = await self._plain.handle_async_request(request)
        for _ in range(MOST_TRIES - 1):
            if reply.status_code != httpx2.codes.TOO_MANY_REQUESTS or _EVICTION in request.url.path:
                break
            reply = await self._plain.handle_async_request(request)
        return reply

    def on_write(self, listener: Callable[[str], None]) -> None:
        """Call with the object's path after every write."""
        self._listener = listener

    async def _streamed(self, request: httpx2.Request) -> httpx2.Response:
        exchange = _Exchange()
        task = asyncio.create_task(self._serve(_scope(request), exchange), name="streamed answer")
        task.add_done_callback(lambda _: exchange.end())
        start = await exchange.messages.get()
        body = _StreamedBody(exchange, task)
        if start["type"] != "http.response.start":
            await body.aclose()
            raise httpx2.RemoteProtocolError("the application answered nothing", request=request)
        return httpx2.Response(start["status"], headers=start["headers"], stream=body, request=request)

    async def _serve(self, scope: Scope, exchange: _Exchange) -> None:
        await self._app(scope, exchange.receive, exchange.send)


class _Exchange:
    """The messages of one request and its answer."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.messages.put_nowait(message)

    def end(self) -> None:
        self._gone.set()
        self.messages.put_nowait(END)


class _StreamedBody(httpx2.AsyncByteStream):
    def __init__(self, exchange: _Exchange, task: asyncio.Task[Any]) -> None:
        self._exchange = exchange
        self._task = task

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._exchange.messages.get()
            if message.get("body"):
                yield message["body"]
            if not message.get("more_body", False):
                return

    async def aclose(self) -> None:
        self._exchange.end()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


def _changes(request: httpx2.Request) -> bool:
    return request.method in WRITES and "dryRun" not in request.url.params and not request.url.path.endswith(REVIEWS)


async def _object(request: httpx2.Request, reply: httpx2.Response) -> str:
    """The path of the object; a POST goes to the path of its kind, so the name is taken from the answer."""
    if request.method != "POST":
        return request.url.path
    await reply.aread()
    name = reply.json().get("metadata", {}).get("name", "")
    return f"{request.url.path}/{name}"


def _scope(request: httpx2.Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(key.lower(), value) for key, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }
