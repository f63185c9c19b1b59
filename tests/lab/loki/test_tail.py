"""Lines as they are written, read by a real WebSocket client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from aiops.lab.logs.entries import Written
from aiops.lab.loki.api import loki_app
from aiops.lab.serving import Served
from tests.lab.loki.shelf import Shelf


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(clock: Clock) -> Shelf:
    shelf = Shelf(clock)
    lines = [Written(float(time), "stdout", f"level={_level(time)} n={time}") for time in range(200)]
    shelf.put("web-0", lines)
    shelf.put("cart-0", [Written(95.0, "stderr", "level=error cart"), Written(150.0, "stderr", "level=error again")])
    return shelf


def _level(time: int) -> str:
    return "error" if time % 10 == 0 else "info"


@asynccontextmanager
async def _tail(shelf: Shelf, clock: Clock, **asked: str) -> AsyncIterator[ClientConnection]:
    async with Served(loki_app(shelf, clock)) as url:
        address = f"{url.replace('http', 'ws', 1)}/loki/api/v1/tail?{urlencode(asked)}"
        async with connect(address) as socket:
            yield socket


async def _next(socket: ClientConnection) -> list[tuple[str, str]]:
    """(app, line) by time."""
    message: dict[str, Any] = json.loads(await socket.recv())
    assert message.keys() == {"streams", "dropped_entries"}
    found = [(int(t), s["stream"]["app"], line) for s in message["streams"] for t, line in s["values"]]
    return [(app, line) for _, app, line in sorted(found)]


async def test_the_newest_lines_come_first_and_then_each_as_it_is_written(shelf: Shelf, clock: Clock) -> None:
    async with _tail(shelf, clock, query='{app="web"}', limit="3") as socket:
        assert await _next(socket) == [
            ("web", "level=info n=97"),
            ("web", "level=info n=98"),
            ("web", "level=info n=99"),
        ]
        clock.now = 103.0
        assert [line for _, line in await _next(socket)] == [
            "level=error n=100",
            "level=info n=101",
            "level=info n=102",
        ]
        clock.now = 104.0
        assert [line for _, line in await _next(socket)] == ["level=info n=103"]


async def test_only_what_the_query_wants_is_sent(shelf: Shelf, clock: Clock) -> None:
    async with _tail(shelf, clock, query='{namespace="shop"} |= "error"', start="90") as socket:
        assert await _next(socket) == [("web", "level=error n=90"), ("cart", "level=error cart")]
        clock.now = 160.0
        assert sorted(app for app, _ in await _next(socket)) == ["cart"] + ["web"] * 6


async def test_lines_can_be_held_back(shelf: Shelf, clock: Clock) -> None:
    async with _tail(shelf, clock, query='{app="web"}', delay_for="5", limit="1") as socket:
        assert await _next(socket) == [("web", "level=info n=94")]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"query": "{"},
        {"query": 'rate({app="web"}[1m])'},
        {"query": '{app="web"}', "delay_for": "6"},
        {"query": '{app="web"}', "limit": "0"},
    ],
)
async def test_a_bad_request_is_refused_before_the_handshake(shelf: Shelf, clock: Clock, asked: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with _tail(shelf, clock, **asked):
            pass
    assert refused.value.response.status_code == 400
    assert refused.value.response.body
