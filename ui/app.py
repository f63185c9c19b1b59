"""The page's application: guard, headers, style, routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI
from nicegui import ui
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from aiops.core.errors import AiopsError, ServiceError
from aiops.core.server_address import ServerAddress
from aiops.core.text import visible
from aiops.ui.api import ServerApi
from aiops.ui.frame import Backend
from aiops.ui.guard import SessionGuard
from aiops.ui.headers import SafeHeaders
from aiops.ui.pages.home import HomePage
from aiops.ui.pages.incident import IncidentPage
from aiops.ui.watching import Watch

STATIC = Path(__file__).parent / "static"

RECONNECT_SECONDS = 30.0
"""For so long a browser that lost its connection finds its page as it left it."""


def create_app(
    locate: Callable[[], ServerAddress], *, token: str, hosts: Iterable[str], port: int, actor: str
) -> ASGIApp:
    """The ASGI application, once a process (the page framework keeps its pages in the process).

    `locate` says where the server is; `token` is that of the page's own link; `hosts` are names beside
    loopback under which browsers reach it; `actor` signs answers."""
    api = ServerApi(locate)
    backend = Backend(api, Watch(api), actor)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with api:
            yield

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/page", StaticFiles(directory=STATIC))
    _add_pages(app, backend)
    ui.run_with(
        app,
        title="aiops",
        favicon=STATIC / "favicon.svg",
        dark=None,
        language="en-US",
        reconnect_timeout=RECONNECT_SECONDS,
        gzip_middleware_factory=None,  # the headers' nonce is written into the HTML
        tailwind=False,  # it would write styles at run time, which the content policy forbids
        show_welcome_message=False,
    )
    return SafeHeaders(SessionGuard(app, token=token, hosts=hosts, port=port))


def _add_pages(app: FastAPI, backend: Backend) -> None:
    ui.add_head_html('<link rel="stylesheet" href="/page/page.css">', shared=True)

    @ui.page("/")
    async def home() -> None:
        await HomePage(backend).open()

    @app.get("/incident/{incident_id}/postmortem")
    async def postmortem(incident_id: str) -> HTMLResponse:
        try:
            found = await backend.api.request("GET", f"/api/incidents/{quote(incident_id, safe='')}/postmortem")
        except AiopsError as error:
            status = error.status if isinstance(error, ServiceError) else 502
            return HTMLResponse(f"<!doctype html><title>aiops</title><p>{escape(visible(str(error)))}</p>", status)
        return HTMLResponse(found["html"])

    @ui.page("/incident/{incident_id}", title="incident · aiops")
    async def incident(incident_id: str) -> None:
        await IncidentPage(backend, incident_id).open()
