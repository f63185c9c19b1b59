"""The lab's own HTTP API: its clock, where its alerts go, its disturbances. Two tokens: one for the time, one for
everything."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aiops.core.disturbance import Disturbance, disturbance_of
from aiops.core.errors import AiopsError, ConflictError, InvalidInputError
from aiops.core.target import Standing

MAX_ADVANCE = 24 * 3600.0
_RECEIVER = re.compile(r"http://127\.0\.0\.1:[0-9]+(/|$)")
_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Timekeeper(Protocol):
    """What owns the lab's time."""

    @property
    def speed(self) -> float | None:
        """Simulated seconds a wall second; None: the time moves only when somebody advances it."""
        ...

    def now(self) -> float: ...

    async def advance(self, seconds: float) -> None: ...

    def send_alerts_to(self, url: str, token: str) -> None: ...

    def begin(self, name: str, disturbance: Disturbance) -> None: ...

    def end(self, name: str) -> bool: ...

    def standing(self) -> Mapping[str, Standing]: ...

    def feels(self, disturbance: Disturbance) -> bool: ...

    def reliance(self) -> Mapping[str, float]: ...


def lab_app(keeper: Timekeeper, *, clock_token: str, admin_token: str) -> Starlette:
    """`GET /clock`, `POST /clock/advance {"seconds"}`; for the admin alone `PUT /alerts/receiver {"url", "token"}`,
    `GET /reliance` (what do users' requests rely on?), `GET /disturbances`, `POST /disturbances` (would anybody feel
    it?), and `PUT` and `DELETE /disturbances/ID`."""
    commands = _Commands(keeper, clock_token, admin_token)
    return Starlette(
        routes=[
            Route("/clock", commands.clock),
            Route("/clock/advance", commands.advance, methods=["POST"]),
            Route("/alerts/receiver", commands.receiver, methods=["PUT"]),
            Route("/disturbances", commands.disturbances),
            Route("/disturbances", commands.feels, methods=["POST"]),
            Route("/reliance", commands.reliance),
            Route("/disturbances/{name}", commands.begin, methods=["PUT"]),
            Route("/disturbances/{name}", commands.end, methods=["DELETE"]),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Commands:
    keeper: Timekeeper
    clock_token: str
    admin_token: str

    async def clock(self, request: Request) -> Response:
        return _refused(request, self.clock_token, self.admin_token) or self._moment()

    async def advance(self, request: Request) -> Response:
        if refused := _refused(request, self.clock_token, self.admin_token):
            return refused
        keeper, seconds = self.keeper, (await _body(request)).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_ADVANCE:
            return _error(422, f"seconds: must be a number from 0 to {MAX_ADVANCE:.0f}, not {seconds!r}")
        if keeper.speed is not None:
            return _error(409, f"this lab runs by itself, {keeper.speed:g} times as fast as the wall clock")
        await keeper.advance(float(seconds))
        return self._moment()

    async def receiver(self, request: Request) -> Response:
        if refused := _refused(request, self.admin_token):
            return refused
        body = await _body(request)
        url, token = body.get("url"), body.get("token", "")
        if not isinstance(url, str) or not _RECEIVER.match(url):
            return _error(422, "url: must be an http address on 127.0.0.1")
        self.keeper.send_alerts_to(url, str(token))
        return JSONResponse({"url": url})

    async def disturbances(self, request: Request) -> Response:
        if refused := _refused(request, self.admin_token):
            return refused
        return JSONResponse({name: each.model_dump(mode="json") for name, each in self.keeper.standing().items()})

    async def reliance(self, request: Request) -> Response:
        return _refused(request, self.admin_token) or JSONResponse(dict(self.keeper.reliance()))

    async def feels(self, request: Request) -> Response:
        if refused := _refused(request, self.admin_token):
            return refused
        try:
            return JSONResponse({"felt": self.keeper.feels(disturbance_of(await _body(request)))})
        except InvalidInputError as error:
            return _error(422, str(error))

    async def begin(self, request: Request) -> Response:
        if refused := _refused(request, self.admin_token):
            return refused
        name = str(request.path_params["name"])
        if not _ID.fullmatch(name):
            return _error(422, f"id: must be lower-case letters, digits and dashes, not {name!r}")
        try:
            self.keeper.begin(name, disturbance_of(await _body(request)))
        except AiopsError as error:
            return _error(_STATUS.get(type(error), 400), str(error))
        return JSONResponse({"begun": name})

    async def end(self, request: Request) -> Response:
        if refused := _refused(request, self.admin_token):
            return refused
        return JSONResponse({"ended": self.keeper.end(str(request.path_params["name"]))})

    def _moment(self) -> JSONResponse:
        return JSONResponse({"now": self.keeper.now(), "speed": self.keeper.speed})


_STATUS: dict[type[AiopsError], int] = {InvalidInputError: 422, ConflictError: 409}
"""HTTP status of each refusal; nobody would feel it: 400."""


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
