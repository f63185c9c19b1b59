from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from aiops.cli.page import FILE
from aiops.cli.processes import Child, children
from aiops.lab.serving import Served
from tests.support.browser import Browsers, Viewer, need_chromium
from tests.ui.scripted import TOKEN, Scripted


async def start_page(running: list[Child], directory: Path, *arguments: str, token: str = "") -> str:
    """Start a page process; gives its link."""
    state = directory / "state"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AIOPS_")}
    environment |= {"AIOPS_STATE_DIR": str(state)} | ({"AIOPS_TOKEN": token} if token else {})
    child = Child(["page", "--port", "0", *arguments], directory / "page.log", environment)
    running.append(child)
    await child.ready(lambda: True if (state / FILE).exists() else None)
    link: str = json.loads((state / FILE).read_text())["link"]
    return link


@pytest.fixture
def shown(tmp_path: Path) -> Callable[..., Any]:
    """Opens a page on a scripted assistant: `async with shown(scripted, "/path") as viewer`."""
    need_chromium()

    @asynccontextmanager
    async def open_it(scripted: Scripted, path: str = "/", **options: Any) -> AsyncIterator[Viewer]:
        async with Served(scripted.app()) as url, children() as running, Browsers() as browsers:
            link = await start_page(running, tmp_path, "--server", url, "--as", "ann", token=TOKEN)
            async with browsers.tab(link, **options) as viewer:
                await viewer.open(path)
                yield viewer

    return open_it
