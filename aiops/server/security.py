"""Who may talk to the server: a bearer token, a Host that is ours, no foreign Origin."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from aiops.core.web_request import LOOPBACK, is_for, is_own_origin
from aiops.server.errors import refusal

OPEN_PATHS = frozenset({"/healthz"})


class TokenGuard:
    """ASGI middleware. Refuses a request before any route sees it.

    The checks of Host and Origin keep pages of other sites out, the token keeps out everything else. `/healthz` is
    open to everybody who reaches the port.
    """

    def __init__(self, app: ASGIApp, *, token: str, host: str) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = LOOPBACK | {host}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refused := self._refused(Headers(scope=scope), scope["path"])):
            await refusal(*refused)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refused(self, headers: Headers, path: str) -> tuple[str, int] | None:
        """Why, and the status; None lets the request through."""
        hosts = headers.getlist("host")
        if not is_for(self._hosts, hosts):
            return f"Host {', '.join(hosts)!r} is not served here", 403
        origin = headers.get("origin")
        if origin is not None and not is_own_origin(origin, hosts[0]):
            return f"requests from the origin {origin!r} are refused", 403
        if path in OPEN_PATHS:
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
            return "a bearer token is needed (Authorization: Bearer ...)", 401
        return None
