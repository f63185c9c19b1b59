"""Who may open the page: the token of its link, exchanged for a session cookie; a Host that is ours; no foreign Origin.

The cookie is HttpOnly and SameSite=Strict. It carries a random session number; neither the page's token nor that of the
server is ever given to the browser.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import SplitResult, parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aiops.ui.closed import CLOSED, again

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_PATH = "/page/closed.css"
"""The style of the page that says that it is closed."""

MOST_SESSIONS = 200
LONGEST_FORM = 1000
"""Bytes of the form that takes the token."""


class Guard:
    """ASGI middleware for HTTP and websockets. Refuses before the page's framework sees anything.

    The Host check stops a site that rebinds its name to our address; the Origin check stops a script or a form of
    another site, also one on another port of this machine.
    """

    def __init__(self, app: ASGIApp, *, token: str, hosts: Iterable[str], port: int) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = LOOPBACK | set(hosts)
        self._cookie = f"aiops-page-{port}"  # cookies do not tell ports apart
        self._sessions: OrderedDict[str, None] = OrderedDict()

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
        if len(hosts) != 1 or _split(f"//{hosts[0]}").hostname not in self._hosts:
            return "this Host is not served here"
        origin = headers.get("origin")
        if origin is None:
            return "a websocket needs an Origin" if scope["type"] == "websocket" else ""
        parts = _split(origin)
        same = parts.netloc == hosts[0] and parts.scheme in ("http", "https")
        return "" if same else "requests from another origin are refused"

    def _known(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and cookie.value in self._sessions

    def _enter(self, path: str) -> Response:
        """Open a session. The browser goes on by itself from a page of ours: a redirect would still count as the other
        site's request, and leave the strict cookie out."""
        session = secrets.token_urlsafe(24)
        self._sessions[session] = None
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        answer = HTMLResponse(again(path))
        answer.set_cookie(self._cookie, session, httponly=True, samesite="strict")
        return answer


async def _posted_token(request: Request) -> str | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return None
    return dict(parse_qsl(body.decode("latin-1"))).get("token")


def _split(url: str) -> SplitResult:
    """The parts of a URL; one that cannot be read has none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
