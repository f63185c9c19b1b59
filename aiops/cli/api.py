"""A client of the assistant's own HTTP API, for the commands that talk to a running server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from aiops.core.errors import ConfigurationError, ServiceError, TransportError


class AssistantApi:
    """One server: `url` as `http://127.0.0.1:8080`. Raises `ServiceError` (its answer) and `TransportError`."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=30)

    async def __aenter__(self) -> AssistantApi:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def request(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """The JSON answer of one request."""
        try:
            reply = await self._http.request(method, path, json=body, params=parameters)
        except httpx2.TransportError as error:
            raise TransportError(f"no answer from the assistant at {self.url}: {error}") from error
        if reply.status_code == httpx2.codes.UNAUTHORIZED:
            raise ConfigurationError(f"the assistant at {self.url} refuses the token")
        if reply.is_error:
            raise ServiceError(_error_text(reply), reply.status_code)
        return reply.json()

    async def stream(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """The data of each server-sent event, until the server ends the stream."""
        try:
            async with self._http.stream("GET", path, timeout=None) as reply:
                async for line in reply.aiter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))
        except httpx2.TransportError as error:
            raise TransportError(f"the assistant at {self.url} closed the stream: {error}") from error


def _error_text(reply: httpx2.Response) -> str:
    try:
        return str(reply.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {reply.status_code}"
