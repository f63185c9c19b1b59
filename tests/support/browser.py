"""A real browser for tests of the page: records whatever goes to another host and every error."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = Path("/usr/bin/chromium")


def need_chromium() -> None:
    """Skip where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (Debian package chromium)")


class Viewer:
    """One tab on one page process. `foreign` are requests to other hosts; `errors` what the console told."""

    def __init__(self, tab: Page, link: str, expected: Iterable[str] = ()) -> None:
        self.tab = tab
        self.link = link
        self.base = link.split("/?")[0]
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self._expected = list(expected)
        tab.on("request", lambda request: self._requested(request.url))
        tab.on("websocket", lambda socket: self._requested(socket.url))
        tab.on("console", lambda message: self._said(message.type, message.text))
        tab.on("pageerror", lambda error: self.errors.append(str(error)))

    def expect_error(self, pattern: str) -> None:
        """An error that the test causes itself (a connection that it cuts)."""
        self._expected.append(pattern)

    async def open(self, path: str = "/") -> None:
        """Enter with the link's token, then go to `path`."""
        await self.tab.goto(self.link)
        await self.tab.wait_for_selector("main.page")
        if path != "/":
            await self.tab.goto(self.base + path)
            await self.tab.wait_for_selector("main.page")

    async def text(self, selector: str = "body") -> str:
        return await self.tab.inner_text(selector)

    async def see(self, text: str, seconds: float = 20) -> None:
        """Wait until the page shows `text`."""
        await self.tab.get_by_text(text).first.wait_for(state="visible", timeout=seconds * 1000)

    async def press(self, name: str) -> None:
        await self.tab.get_by_role("button", name=name, exact=True).first.click()

    def check(self) -> None:
        """Nothing went to another host, and the browser had nothing to complain about."""
        assert self.foreign == []
        assert [e for e in self.errors if not any(re.search(pattern, e) for pattern in self._expected)] == []

    def _requested(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.base).netloc:
            self.foreign.append(url)

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(text)


class Browsers:
    """Opens tabs in one browser process."""

    def __init__(self) -> None:
        self._browser: Browser | None = None

    async def __aenter__(self) -> Browsers:
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._browser is not None
        await self._browser.close()
        await self._playwright.stop()

    @asynccontextmanager
    async def tab(self, link: str, *, width: int = 1280, scheme: Any = "light") -> AsyncIterator[Viewer]:
        """A tab of its own session; checked at the end."""
        assert self._browser is not None
        context = await self._browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        viewer = Viewer(await context.new_page(), link)
        yield viewer
        viewer.check()
        await context.close()
