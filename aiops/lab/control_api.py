"""The lab's own HTTP API: its clock and where its alerts go. Two tokens: one for the time, one for everything."""

from __future__ import annotations

import hmac
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MAX_ADVANCE = 24 * 3600.0


class Timekeeper(Protocol):
    """What owns the lab's time."""

    @property
    def speed(self) -> float | None:
        """Simulated seconds a wall second; None: the time moves only when somebody advances it."""
        ...

    def now(self) -> float: ...

    async def advance(self, seconds: float) -> None: ...

    def send_alerts_to(self, url: str, token: str) -> None: ...


def control_app(keeper: Timekeeper, *, clock_token: str, admin_token: str) -> Starlette:
    """`GET /clock`, `POST /clock/advance {"seconds"}`, `PUT /alerts/receiver {"url", "token"}` (admin only)."""

    async def clock(request: Request) -> Response:
        return _refused(request, clock_token, admin_token) or _moment()

    async def advance(request: Request) -> Response:
        if refused := _refused(request, clock_token, admin_token):
            return refused
        seconds = (await _body(request)).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_ADVANCE:
            return _error(422, f"seconds: must be a number from 0 to {MAX_ADVANCE:.0f}, not {seconds!r}")
        if keeper.speed is not None:
            return _error(409, f"this lab runs by itself, {keeper.speed:g} times as fast as the wall clock")
        await keeper.advance(float(seconds))
        return _moment()

    async def receiver(request: Request) -> Response:
        if refused := _refused(request, admin_token):
            return refused
        body = await _body(request)
        url, token = body.get("url"), body.get("token", "")
        if not isinstance(url, str) or not url.startswith("http://127.0.0.1:"):
            return _error(422, "url: must be an http address on 127.0.0.1")
        keeper.send_alerts_to(url, str(token))
        return JSONResponse({"url": url})

    def _moment() -> JSONResponse:
        return JSONResponse({"now": keeper.now(), "speed": keeper.speed})

    return Starlette(
        routes=[
            Route("/clock", clock),
            Route("/clock/advance", advance, methods=["POST"]),
            Route("/alerts/receiver", receiver, methods=["PUT"]),
        ]
    )


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(request: Request, *tokens: str) -> Response | None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if any(hmac.compare_digest(given, token.encode()) for token in tokens):
        return None
    return _error(401, "a bearer token is needed")


def _error(status: int, text: str) -> JSONResponse:
    return JSONResponse({"error": text}, status)
