"""The lab's API server in this process, with watches that stream, and that can be taken away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app

START = 1_790_000_000.0


class _Body(httpx2.AsyncByteStream):
    """The chunks of a body as the application sends them; an error ends it."""

    def __init__(self, chunks: asyncio.Queue[bytes | Exception | None], task: asyncio.Task[None]) -> None:
        self._chunks = chunks
        self._task = task

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._chunks.get()) is not None:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    async def aclose(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


class StreamingTransport(httpx2.AsyncBaseTransport):
    """An ASGI application as a transport. `cut` breaks all streams, `up` says whether it takes requests,
    `refuse` answers a path with a status, `answer` with a body; `lists` counts the lists that were asked for."""

    def __init__(self, app: Any) -> None:
        self.up = True
        self.refuse: dict[str, int] = {}
        self.answer: dict[str, Any] = {}
        self.delay_events = False
        self.lists = 0
        self._app = app
        self._streams: list[asyncio.Queue[bytes | Exception | None]] = []

    def cut(self) -> None:
        for chunks in self._streams:
            chunks.put_nowait(httpx2.ReadError("connection reset"))
        self._streams.clear()

    def _planned(self, request: httpx2.Request) -> httpx2.Response | None:
        for part, status in self.refuse.items():
            if part in request.url.path:
                return httpx2.Response(status, json={"message": f"{part} is refused"}, request=request)
        for part, body in self.answer.items():
            if part in request.url.path:
                return httpx2.Response(200, json=body, request=request)
        return None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self.up:
            raise httpx2.ConnectError("refused", request=request)
        self.lists += request.method == "GET" and "watch" not in request.url.params
        if (planned := self._planned(request)) is not None:
            return planned
        body = await request.aread()
        head: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        chunks: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        incoming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            if incoming:
                return incoming.pop()
            await asyncio.Event().wait()
            raise AssertionError("never comes")

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                if not head.done():  # the caller may have gone
                    head.set_result(message)
                return
            if message.get("body"):
                while self.delay_events and b'"type"' in message["body"][:10]:
                    await asyncio.sleep(0)
                chunks.put_nowait(message["body"])
            if not message.get("more_body"):
                chunks.put_nowait(None)

        scope = {
            "type": "http",
            "method": request.method,
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "query_string": request.url.query,
            "headers": [(key.lower(), value) for key, value in request.headers.raw],
            "http_version": "1.1",
            "scheme": "http",
            "server": ("lab", 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
        }
        task = asyncio.create_task(self._app(scope, receive, send))
        message = await head
        if "watch" in request.url.params:
            self._streams.append(chunks)
        return httpx2.Response(message["status"], headers=message["headers"], stream=_Body(chunks, task))


class Cluster:
    """The objects, the time, and the way to them."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.store = ObjectStore(now=self.clock.now, rng=Random(1))
        bootstrap(self.store)
        for name in ("hotel", "other"):
            self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        app = kubernetes_app(self.store, tokens={"root": User("root", (MASTERS,))}, logs=lambda *_: [])
        self.transport = StreamingTransport(app)

    def client(self, manager: str = "kubectl-edit") -> KubernetesClient:
        return KubernetesClient.at(
            "http://lab", token="root", transport=self.transport, field_manager=manager, retry=Retry(1)
        )

    def create(self, manifest: dict[str, Any], manager: str = "helm") -> dict[str, Any]:
        return self.store.create(manifest, manager=manager)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back off by milliseconds, so that a test of reconnecting does not wait."""
    monkeypatch.setattr("aiops.watch.follower.FIRST_WAIT", 0.005)
    monkeypatch.setattr("aiops.watch.follower.LONGEST_WAIT", 0.02)
