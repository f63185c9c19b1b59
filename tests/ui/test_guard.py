"""Who gets in: checked on the guard alone, with an application behind it that says "inside"."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from aiops.ui.closed import again
from aiops.ui.guard import MOST_SESSIONS, SESSION_SECONDS, SessionGuard

TOKEN = "the-token-of-the-link"
HOME = "http://127.0.0.1:8090"


async def inside(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("inside")(scope, receive, send)


@pytest.fixture
def guard() -> SessionGuard:
    return SessionGuard(inside, token=TOKEN, hosts=["ops.example"], port=8090)


@pytest.fixture
async def browser(guard: SessionGuard) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=guard), base_url=HOME) as client:
        yield client


async def _enter(browser: httpx2.AsyncClient) -> str:
    reply = await browser.get("/", params={"token": TOKEN})
    return reply.headers["set-cookie"]


async def test_closed_without_a_session(browser: httpx2.AsyncClient) -> None:
    for path in ("/", "/incident/inc-1", "/_nicegui/anything", "/page/page.css"):
        reply = await browser.get(path)
        assert (reply.status_code, "inside" in reply.text) == (401, False)
        assert "This page is closed" in reply.text


async def test_the_link_opens_a_session_by_a_strict_cookie(browser: httpx2.AsyncClient) -> None:
    cookie = await _enter(browser)
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert (await browser.get("/incident/inc-1")).text == "inside"


async def test_the_token_leaves_the_address_bar(browser: httpx2.AsyncClient) -> None:
    reply = await browser.get("/incident/inc-1", params={"token": TOKEN})
    assert 'content="0; url=/incident/inc-1"' in reply.text
    assert TOKEN not in reply.text
    again_with_cookie = await browser.get("/", params={"token": TOKEN})
    assert "inside" not in again_with_cookie.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "é"])
async def test_a_wrong_token_opens_nothing(browser: httpx2.AsyncClient, token: str) -> None:
    assert (await browser.get("/", params={"token": token})).status_code == 401
    assert (await browser.post("/session", data={"token": token})).status_code == 401
    assert "set-cookie" not in (await browser.get("/", params={"token": token})).headers


async def test_the_form_takes_the_token(browser: httpx2.AsyncClient) -> None:
    reply = await browser.post("/session", data={"token": TOKEN}, headers={"Origin": HOME})
    assert reply.status_code == 200
    assert (await browser.get("/")).text == "inside"


async def test_a_huge_form_is_not_read(browser: httpx2.AsyncClient) -> None:
    assert (await browser.post("/session", data={"x": "y" * 5000, "token": TOKEN})).status_code == 401


async def test_an_invented_session_opens_nothing(browser: httpx2.AsyncClient) -> None:
    for cookie in ("aiops-page-8090=", "aiops-page-8090=guess", "aiops-page-8090", "=;;;", 'a="'):
        assert (await browser.get("/", headers={"Cookie": cookie})).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "evil.example:8090"])
async def test_a_foreign_host_is_refused_even_with_a_session(browser: httpx2.AsyncClient, host: str) -> None:
    await _enter(browser)
    assert (await browser.get("/", headers={"Host": host})).status_code == 403


async def test_a_name_that_was_given_is_served(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/", headers={"Host": "ops.example"})).status_code == 401
    assert (await browser.get("/", params={"token": TOKEN}, headers={"Host": "ops.example"})).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "file://", "http://[::1"])
async def test_a_foreign_origin_is_refused_even_with_a_session(browser: httpx2.AsyncClient, origin: str) -> None:
    await _enter(browser)
    assert (await browser.get("/", headers={"Origin": origin})).status_code == 403
    assert (await browser.get("/", headers={"Origin": HOME})).text == "inside"


async def test_a_link_on_another_site_is_asked_again_by_our_own(browser: httpx2.AsyncClient) -> None:
    from_chat = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    reply = await browser.get("/incident/inc-1", headers=from_chat)
    assert 'url=/incident/inc-1"' in reply.text
    assert "inside" not in reply.text
    assert (await browser.get("/incident/inc-1", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 401


async def test_old_sessions_end_when_there_are_too_many(guard: SessionGuard, browser: httpx2.AsyncClient) -> None:
    await _enter(browser)
    transport = httpx2.ASGITransport(app=guard)
    for _ in range(MOST_SESSIONS):
        async with httpx2.AsyncClient(transport=transport, base_url=HOME) as other:
            await _enter(other)
    assert (await browser.get("/")).status_code == 401


async def test_a_session_ends_after_a_shift() -> None:
    moment = [0.0]
    guard = SessionGuard(inside, token=TOKEN, hosts=[], port=8090, monotonic=lambda: moment[0])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=guard), base_url=HOME) as browser:
        cookie = await _enter(browser)
        assert f"Max-Age={SESSION_SECONDS}" in cookie
        kept = {"Cookie": cookie.split(";")[0]}
        moment[0] = SESSION_SECONDS - 1.0
        assert (await browser.get("/", headers=kept)).text == "inside"
        moment[0] = SESSION_SECONDS + 1.0
        assert (await browser.get("/", headers=kept)).status_code == 401
        assert (await _connect(guard, cookie=kept["Cookie"], origin=HOME))["type"] == "websocket.close"


async def _connect(guard: SessionGuard, **headers: str) -> Message:
    """The guard's first answer to a websocket."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    raw = Headers({"host": "127.0.0.1:8090", **headers}).raw
    await guard({"type": "websocket", "path": "/", "query_string": b"", "headers": raw}, receive, send)
    return sent[0]


async def test_websockets_need_session_and_origin(guard: SessionGuard, browser: httpx2.AsyncClient) -> None:
    cookie = (await _enter(browser)).split(";")[0]
    good = await _connect(guard, cookie=cookie, origin=HOME)
    assert good["type"] == "websocket.accept"
    for headers in (
        {"origin": HOME},
        {"cookie": cookie},
        {"cookie": cookie, "origin": "http://evil.example"},
        {"cookie": cookie, "origin": HOME, "host": "evil.example"},
    ):
        assert (await _connect(guard, **headers))["type"] == "websocket.close", headers


@given(st.text())
def test_the_way_on_stays_within_the_page(path: str) -> None:
    page = again("/" + path)
    address = page.split("url=")[1].split('"')[0]
    assert address.startswith("/")
    assert not address.startswith("//")
    assert set(address) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.")
