"""A proxy in front of an API server that can hold the moment of a write, so that a test can kill the writer there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from aiops.clients.kubeconfig import ClusterAccess
from aiops.lab.serving import Served

Moment = Literal["before", "after"]


class HoldingProxy:
    """Forwards everything to `upstream`. A real write is held for ever: `before` it reaches the server, or `after`
    the server made it and before the client hears of it. `held` is set at that moment."""

    def __init__(self, upstream: ClusterAccess, moment: Moment) -> None:
        self.held = asyncio.Event()
        self.writes: list[str] = []
        self._moment = moment
        self._http = httpx2.AsyncClient(base_url=upstream.server, verify=upstream.tls or True, timeout=None)

    async def handle(self, request: Request) -> Response:
        writes = request.method in ("PATCH", "PUT", "POST", "DELETE") and "dryRun" not in request.query_params
        holds = writes and "accessreviews" not in request.url.path
        if holds and self._moment == "before":
            await self._hold(request)
        headers = {k: v for k, v in request.headers.items() if k not in ("host", "content-length")}
        sent = self._http.build_request(
            request.method, request.url.path, params=request.query_params, headers=headers, content=await request.body()
        )
        reply = await self._http.send(sent, stream=True)
        if holds:
            await reply.aread()
            await self._hold(request)
        kept = {k: v for k, v in reply.headers.items() if k in ("content-type",)}
        return StreamingResponse(reply.aiter_raw(), reply.status_code, kept)

    async def _hold(self, request: Request) -> None:
        self.writes.append(f"{request.method} {request.url.path}")
        self.held.set()
        await asyncio.Event().wait()


@asynccontextmanager
async def holding_proxy(upstream: ClusterAccess, moment: Moment) -> AsyncIterator[tuple[str, HoldingProxy]]:
    """Serve a proxy on loopback; gives its address."""
    proxy = HoldingProxy(upstream, moment)
    app = Starlette(routes=[Route("/{path:path}", proxy.handle, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])])
    async with Served(app) as url:
        yield url, proxy
