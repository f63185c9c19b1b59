"""The server application: routes, guard and the engine behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from aiops.server import approval_routes, ask_routes, errors, incident_routes, scan_routes, status_routes
from aiops.server.bodies import BodyLimit
from aiops.server.security import TokenGuard
from aiops.supervisor.engine import Engine
from aiops.watch.watcher import Watcher


def create_app(engine: Engine, *, token: str, host: str = "127.0.0.1", watcher: Watcher | None = None) -> FastAPI:
    """The ASGI application. The engine and the watch start and stop with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        watching = asyncio.create_task(watcher.run(), name="watch") if watcher is not None else None
        yield
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await engine.stop()

    app = FastAPI(
        title="aiops",
        lifespan=lifespan,
        middleware=[Middleware(TokenGuard, token=token, host=host), Middleware(BodyLimit)],
        docs_url=None,  # the interactive page loads its scripts from another host
        redoc_url=None,
    )
    app.state.engine = engine
    app.state.watcher = watcher
    errors.install(app)
    for part in (status_routes, incident_routes, approval_routes, scan_routes, ask_routes):
        app.include_router(part.router)
    return app
