"""The server application: routes, guard and the engine behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from aiops.server import errors
from aiops.server.ask_routes import router as ask_router
from aiops.server.bodies import BodyLimit
from aiops.server.routes import router
from aiops.server.scan_routes import router as scan_router
from aiops.server.security import Guard
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
        middleware=[Middleware(Guard, token=token, host=host), Middleware(BodyLimit)],
        docs_url=None,  # the interactive page loads its scripts from another host
        redoc_url=None,
    )
    app.state.engine = engine
    errors.install(app)
    for part in (router, scan_router, ask_router):
        app.include_router(part)
    return app
