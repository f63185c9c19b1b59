"""The guard: token, Host and Origin."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aiops.server.security import TokenGuard

TOKEN = {"Authorization": "Bearer t0ken"}
BASE = "http://127.0.0.1:8080"


def _client() -> httpx2.AsyncClient:
    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    routes = [Route("/healthz", hello), Route("/api/incidents", hello, methods=["GET", "POST"])]
    app = TokenGuard(Starlette(routes=routes), token="t0ken", host="127.0.0.1")
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (TOKEN, 200),
        (TOKEN | {"Origin": BASE}, 200),
        (TOKEN | {"Host": "localhost:8080"}, 200),
        ({}, 401),
        ({"Authorization": "Bearer t0kem"}, 401),
        ({"Authorization": "Basic t0ken"}, 401),
        (TOKEN | {"Host": "evil.example"}, 403),
        (TOKEN | {"Host": ""}, 403),
        (TOKEN | {"Origin": "http://evil.example"}, 403),
        (TOKEN | {"Origin": "http://127.0.0.1:9999"}, 403),
        (TOKEN | {"Origin": "null"}, 403),
        (TOKEN | {"Origin": "http://["}, 403),
        (TOKEN | {"Host": "["}, 403),
    ],
)
async def test_who_gets_in(headers: dict[str, str], status: int) -> None:
    async with _client() as client:
        reply = await client.post("/api/incidents", headers=headers)
    assert reply.status_code == status
    assert (reply.text == "hello") == (status == 200)


async def test_health_needs_no_token() -> None:
    async with _client() as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/healthz", headers={"Host": "evil.example"})).status_code == 403


async def test_two_hosts_are_none() -> None:
    async with _client() as client:
        reply = await client.get("/healthz", headers=[("Host", "127.0.0.1"), ("Host", "evil.example")])
    assert reply.status_code == 403
    assert reply.json() == {"error": "Host '127.0.0.1, evil.example' is not served here", "fields": []}
