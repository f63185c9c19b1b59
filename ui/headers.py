"""Response headers that keep a browser from doing anything but showing this page.

Scripts run from our own files only, or with the nonce of the response. The page framework writes its start script and
its import map into the HTML, so these get the nonce; everything from outside stands there with `<` written as `&lt;`,
so nothing else can carry one. Nothing is evaluated from text: the page uses plain elements and components with render
functions, which need no `unsafe-eval`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OPENING = re.compile(rb"<(script|style)(?=[\s>])")

_HIDDEN = base64.b64encode(hashlib.sha256(b"display: none").digest()).decode()
"""The one style attribute in the framework's HTML."""

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def policy(nonce: str) -> str:
    """The Content-Security-Policy of one response."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            f"style-src-attr 'unsafe-hashes' 'sha256-{_HIDDEN}'",
            "connect-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


class SafeHeaders:
    """ASGI middleware: adds the headers to every answer, and the nonce to the framework's own inline blocks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # the framework would write a client's prefix into every address of the page
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-prefix"]
        await self._app(scope, receive, _Rewriting(send))


class _Rewriting:
    """Sends an answer on; one in HTML is held until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in FIXED.items():
                headers[name] = value
            headers["Content-Security-Policy"] = policy(self._nonce)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body", False):
                return
            await self._finish(self._start)
            return
        await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = _OPENING.sub(rb'<\1 nonce="%s"' % self._nonce.encode(), self._body)
        MutableHeaders(raw=start["headers"])["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
