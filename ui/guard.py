"""Who may open the page: the token of its link, exchanged for a session cookie; a Host that is ours; no foreign Origin.

The cookie is HttpOnly and SameSite=Strict. It carries a random session number; neither the page's token nor that of the
server is ever given to the browser.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from math import inf
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aiops.core.clock import monotonic
from aiops.core.web_request import LOOPBACK, is_for, is_own_origin
from aiops.ui.closed import CLOSED, again

OPEN_PATH = "/page/closed.css"
"""The style of the page that says that it is closed."""

MOST_SESSIONS = 200
SESSION_SECONDS = 12 * 3600
"""A shift; then the link is needed again."""

LONGEST_FORM = 1000
"""Bytes of the form that takes the token."""


class SessionGuard:
    """ASGI middleware for HTTP and websockets. Refuses before the page's framework sees anything.

    A session ends `SESSION_SECONDS` after it was opened; `monotonic` gives the seconds of a clock.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        hosts: Iterable[str],
        port: int,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = LOOPBACK | set(hosts)
        self._cookie = f"aiops-page-{port}"  # cookies do not tell ports apart
        self._monotonic = monotonic
        self._ends: OrderedDict[str, float] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answer = await self._answer(scope, receive)
        if answer is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        """What to answer instead of the page; None lets the request through."""
        headers = Headers(scope=scope)
        if refusal := self._foreign(scope, headers):
            return PlainTextResponse(refusal, 403)
        if scope["type"] == "websocket":
            return None if self._known(headers) else PlainTextResponse("no session", 401)
        if scope["path"] == OPEN_PATH:
            return None
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token")
        if scope["method"] == "POST" and scope["path"] == "/session":
            given = await _posted_token(Request(scope, receive))
        if given is not None and hmac.compare_digest(given.encode(), self._token):
            return self._enter("/" if scope["path"] == "/session" else scope["path"])
        if self._known(headers):
            return None
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") == "navigate":
            return HTMLResponse(
                again(scope["path"])
            )  # a link on another site: a strict cookie comes with the second request only
        return HTMLResponse(CLOSED, 401)

    def _foreign(self, scope: Scope, headers: Headers) -> str:
        hosts = headers.getlist("host")
        if not is_for(self._hosts, hosts):
            return "this Host is not served here"
        origin = headers.get("origin")
        if origin is None:
            return "a websocket needs an Origin" if scope["type"] == "websocket" else ""
        return "" if is_own_origin(origin, hosts[0]) else "requests from another origin are refused"

    def _known(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and self._ends.get(cookie.value, -inf) > self._monotonic()

    def _enter(self, path: str) -> Response:
        """Open a session. The browser goes on by itself from a page of ours: a redirect would still count as the other
        site's request, and leave the strict cookie out."""
        session = secrets.token_urlsafe(24)
        self._ends[session] = self._monotonic() + SESSION_SECONDS
        while len(self._ends) > MOST_SESSIONS:
            self._ends.popitem(last=False)
        answer = HTMLResponse(again(path))
        answer.set_cookie(self._cookie, session, max_age=SESSION_SECONDS, httponly=True, samesite="strict")
        return answer


async def _posted_token(request: Request) -> str | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return None
    return dict(parse_qsl(body.decode("latin-1"))).get("token")
