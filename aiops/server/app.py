"""The server application: routes, guard and the engine behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from aiops.server import approval_routes, ask_routes, errors, incident_routes, scan_routes, status_routes
from aiops.server.bodies import BodyLimit
from aiops.server.security import TokenGuard
from aiops.supervisor.engine import Engine


def create_app(engine: Engine, *, token: str, host: str = "127.0.0.1") -> FastAPI:
    """The ASGI application. The engine starts and stops with it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        yield
        await engine.stop()

    app = FastAPI(
        title="aiops",
        lifespan=lifespan,
        middleware=[Middleware(TokenGuard, token=token, host=host), Middleware(BodyLimit)],
        docs_url=None,  # the interactive page loads its scripts from another host
        redoc_url=None,
    )
    app.state.engine = engine
    errors.install(app)
    for part in (status_routes, incident_routes, approval_routes, scan_routes, ask_routes):
        app.include_router(part.router)
    return app
