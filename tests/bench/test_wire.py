"""The way to an API in this process: streams come as they are sent, writes are noted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from aiops.bench.wire import Wire


class Api:
    """Streams lines that a test says, answers writes, and knows whether a stream was left."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.left = asyncio.Event()
        self.busy = self.tries = 0
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST", "PATCH"])])

    async def answer(self, request: Request) -> Response:
        if "watch" in request.query_params:
            return StreamingResponse(self._stream())
        self.tries += 1
        if self.tries <= self.busy:
            return JSONResponse({}, 429)
        if request.url.path.endswith("/refused"):
            return JSONResponse({}, 409)
        return JSONResponse({"metadata": {"name": "geo"}, "body": (await request.body()).decode()})

    async def _stream(self) -> AsyncIterator[str]:
        try:
            while line := await self.lines.get():
                yield line
        finally:
            self.left.set()


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
async def wire(api: Api) -> Wire:
    return Wire(api.app, lambda: 12.0)


async def _client(wire: Wire) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=wire, base_url="http://lab")


async def test_a_stream_comes_piece_by_piece_and_ends(api: Api, wire: Wire) -> None:
    async with await _client(wire) as client, client.stream("GET", "/pods", params={"watch": "true"}) as answer:
        parts = answer.aiter_text()
        for text in ("one", "two"):
            api.lines.put_nowait(text)
            assert await anext(parts) == text
        api.lines.put_nowait("")
        assert [part async for part in parts] == []


async def test_who_leaves_a_stream_ends_it(api: Api, wire: Wire) -> None:
    async with await _client(wire) as client, client.stream("GET", "/pods", params={"watch": "true"}) as answer:
        api.lines.put_nowait("one")
        assert await anext(answer.aiter_text()) == "one"
    await asyncio.wait_for(api.left.wait(), 5)


async def test_writes_are_noted_when_they_were_made(wire: Wire) -> None:
    heard: list[str] = []
    wire.on_write(heard.append)
    async with await _client(wire) as client:
        await client.get("/api/v1/namespaces/hotel/services/geo")
        await client.patch("/api/v1/namespaces/hotel/services/geo", json={})
        await client.post("/api/v1/namespaces/hotel/services", json={})
        await client.post("/api/v1/namespaces/hotel/services", params={"dryRun": "All"}, json={})
        await client.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json={})
        await client.patch("/api/v1/namespaces/hotel/services/refused", json={})
    path = "/api/v1/namespaces/hotel/services/geo"
    assert [(write.verb, write.path, write.at) for write in wire.writes] == [
        ("PATCH", path, 12.0),
        ("POST", path, 12.0),
    ]
    assert heard == [path, path]


async def test_nobody_answers_in_the_dark(wire: Wire) -> None:
    wire.dark = True
    async with await _client(wire) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("/")


@pytest.mark.parametrize(("busy", "status", "tries"), [(0, 200, 1), (3, 200, 4), (50, 429, 10)])
async def test_a_busy_server_is_asked_again(api: Api, wire: Wire, busy: int, status: int, tries: int) -> None:
    api.busy = busy
    async with await _client(wire) as client:
        assert (await client.patch("/pods/geo", json={"a": 1})).status_code == status
    assert api.tries == tries
    assert len(wire.writes) == (status == 200)


async def test_what_a_budget_answers_is_an_answer(api: Api, wire: Wire) -> None:
    api.busy = 50
    async with await _client(wire) as client:
        assert (await client.post("/pods/geo/eviction", json={})).status_code == 429
    assert api.tries == 1


async def test_without_logs_no_kubelet_gives_any(wire: Wire) -> None:
    wire.mute = True
    async with httpx2.AsyncClient(transport=wire, base_url="http://lab") as client:
        refused = await client.get("/api/v1/namespaces/hotel/pods/geo-1/log")
        answered = await client.get("/api/v1/namespaces/hotel/pods/geo-1")
    assert (refused.status_code, refused.json()["status"]) == (500, "Failure")
    assert answered.status_code == 200
