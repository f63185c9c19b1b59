from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aiops.cli.page import FILE
from aiops.core.clock import pause
from aiops.lab.serving import Served
from tests.support.browser import Browsers, Viewer, need_chromium
from tests.support.forked import Forked
from tests.ui.scripted import TOKEN, Scripted


@asynccontextmanager
async def page_on(url: str, directory: Path) -> AsyncIterator[str]:
    """A page process on the server at `url`, with a state folder of its own; gives its link."""
    file = directory / "state" / FILE
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AIOPS_")}
    environment |= {"AIOPS_STATE_DIR": str(file.parent), "AIOPS_TOKEN": TOKEN}
    arguments = ["page", "--port", "0", "--server", url, "--as", "ann"]
    page = Forked(arguments, directory / "page.log", environment)
    try:
        while not file.exists():
            page.check()
            await pause(0.02)
        yield json.loads(file.read_text())["link"]
    finally:
        page.end()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers() -> AsyncIterator[Browsers]:
    """One browser process for the tests of a module, which share an event loop."""
    need_chromium()
    async with Browsers() as browsers:
        yield browsers


@pytest.fixture
def shown(tmp_path: Path, browsers: Browsers) -> Callable[..., Any]:
    """Opens a page on a scripted assistant: `async with shown(scripted, "/path") as viewer`.

    For modules marked with `asyncio(loop_scope="module")`."""

    @asynccontextmanager
    async def open_it(scripted: Scripted, path: str = "/", **options: Any) -> AsyncIterator[Viewer]:
        async with (
            Served(scripted.app()) as url,
            page_on(url, tmp_path) as link,
            browsers.tab(link, **options) as viewer,
        ):
            await viewer.open(path)
            yield viewer

    return open_it
