"""Who may talk to the server: a bearer token, a Host that is ours, no foreign Origin."""

from __future__ import annotations

import hmac
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_PATHS = frozenset({"/healthz"})


class Guard:
    """ASGI middleware. Refuses a request before any route sees it.

    The Host check stops a page that rebinds its name to our address; the Origin check stops a page of another site;
    the token stops everything else. `/healthz` is open to everybody who reaches the port.
    """

    def __init__(self, app: ASGIApp, *, token: str, host: str) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = LOOPBACK | {host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(Headers(scope=scope), scope["path"])):
            status, text = refusal
            await JSONResponse({"error": text, "fields": []}, status)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers, path: str) -> tuple[int, str] | None:
        host = _split(f"//{headers.get('host', '')}").hostname
        if host not in self._hosts:
            return 403, f"Host {host!r} is not served here"
        origin = headers.get("origin")
        if origin is not None and _split(origin).netloc != headers.get("host"):
            return 403, f"requests from the origin {origin!r} are refused"
        if path in OPEN_PATHS:
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
            return 401, "a bearer token is needed (Authorization: Bearer ...)"
        return None


def _split(url: str) -> SplitResult:
    """The parts of a URL; one that cannot be read has none."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
