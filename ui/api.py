"""A client of the server's public JSON and event-stream API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import httpx2
import orjson

from aiops.core.errors import ConfigurationError, ServiceError, TransportError
from aiops.core.server_address import ServerAddress

SECONDS = 30.0

QUIET_SECONDS = 45.0
"""The server sends a ping every 15 s; a stream that is silent for longer is dead."""


class ServerApi:
    """`locate` says where the server is; it is asked again after a failure, because a server that was started anew may
    have another port and token. Raises `TransportError` (no answer) and `ServiceError` (its answer is an error)."""

    def __init__(
        self, locate: Callable[[], ServerAddress], *, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._locate = locate
        self._server: ServerAddress | None = None
        self._http = httpx2.AsyncClient(
            timeout=SECONDS,
            transport=transport,
            follow_redirects=False,
            trust_env=False,  # a proxy of the environment would get the token
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def url(self) -> str:
        """The address that was used last, for people."""
        return self._server.url if self._server else "(not known yet)"

    async def request(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """The JSON answer of one request."""
        server = self._found()
        try:
            reply = await self._http.request(
                method, server.url + path, json=body, params=parameters or None, headers=_headers(server)
            )
        except httpx2.TransportError as error:
            raise self._lost(server, error) from error
        return self._read(reply)

    async def stream(self, path: str, last_event_id: int = 0) -> AsyncIterator[dict[str, Any]]:
        """The data of each server-sent event behind `last_event_id`, until the server ends the stream."""
        server = self._found()
        headers = _headers(server) | {"Last-Event-ID": str(last_event_id)}
        timeout = httpx2.Timeout(SECONDS, read=QUIET_SECONDS)
        try:
            async with self._http.stream("GET", server.url + path, headers=headers, timeout=timeout) as reply:
                if not reply.is_success:
                    await reply.aread()
                    self._read(reply)
                async for line in reply.aiter_lines():
                    if line.startswith("data:"):
                        yield orjson.loads(line.removeprefix("data:"))
        except httpx2.TransportError as error:
            raise self._lost(server, error) from error
        except orjson.JSONDecodeError as error:
            raise self._lost(server, error) from error

    def _found(self) -> ServerAddress:
        if self._server is None:
            try:
                self._server = self._locate()
            except ConfigurationError as error:
                raise TransportError(str(error)) from error
        return self._server

    def _lost(self, server: ServerAddress, error: Exception) -> TransportError:
        self._server = None
        return TransportError(f"no answer from the assistant at {server.url}: {str(error) or type(error).__name__}")

    def _read(self, reply: httpx2.Response) -> Any:
        try:
            answer = orjson.loads(reply.content)
        except orjson.JSONDecodeError as error:
            raise ServiceError(f"HTTP {reply.status_code}, no JSON", reply.status_code or 502) from error
        if reply.status_code == httpx2.codes.UNAUTHORIZED:
            self._server = None
        if not reply.is_success:
            text = answer.get("error") if isinstance(answer, dict) else None
            raise ServiceError(str(text or f"HTTP {reply.status_code}"), reply.status_code)
        return answer


def _headers(server: ServerAddress) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.token}"}
