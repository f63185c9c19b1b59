"""What every page has: the bar on top, the state of the connection, the kill switch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from nicegui import context
from nicegui.element import Element

from aiops.core.errors import AiopsError
from aiops.ui.api import ServerApi
from aiops.ui.dom import box, button, chip, link, notice, text
from aiops.ui.watching import Watch
from aiops.ui.words import clock, plain


@dataclass(frozen=True, slots=True)
class Backend:
    """What pages work with. `actor` is the name under which this page's answers are recorded."""

    api: ServerApi
    watch: Watch
    actor: str


def while_open(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until the browser's page is closed."""
    task = asyncio.create_task(work)
    context.client.on_delete(lambda: task.cancel())


class Part:
    """A piece of a page that is drawn anew when what it shows has changed, and left alone otherwise."""

    def __init__(
        self, draw: Callable[[], None], key: Callable[[], Any], classes: str = "", tag: str = "section"
    ) -> None:
        self.element = box(tag, classes)
        self._draw = draw
        self._key = key
        self._shown: Any = self
        self.refresh()

    def refresh(self) -> None:
        key = self._key()
        if key == self._shown:
            return
        self._shown = key
        self.element.clear()
        with self.element:
            self._draw()


class Frame:
    """The frame of one open page; `body` is where its own parts go."""

    def __init__(self, backend: Backend, *crumbs: str) -> None:
        self._backend = backend
        self._asking = False
        self._said = ""
        link("Skip to content", "#main", "skip")
        with box("header", "bar"):
            link("aiops", "/", "brand")
            for crumb in crumbs:
                text("/", classes="muted", aria_hidden="true")
                text(crumb, classes="crumb")
            box("span", "space")
            text("times in UTC", classes="zone muted small")
            self._parts = [
                Part(self._connection, self._connection_key, "connection", "div"),
                Part(self._switch, self._switch_key, "switch", "div"),
            ]
        self._parts.append(Part(self._banner, self._banner_key, "banners", "div"))
        self.body: Element = box("main", "page", id="main", tabindex="-1")

    def refresh(self) -> None:
        for part in self._parts:
            part.refresh()

    def _connection_key(self) -> Any:
        view = self._backend.watch.overview
        return bool(view.error), view.status is None, (view.status or {}).get("read_only")

    def _connection(self) -> None:
        view = self._backend.watch.overview
        if view.error:
            chip("Not connected", "bad")
            return
        if view.status is None:
            chip("Connecting …", "")
            return
        if view.status.get("read_only"):
            chip("Read-only", "", title="This assistant may not change the cluster.")
        chip("Connected", "good quiet", title=plain(self._backend.api.url))

    def _stopped_by(self) -> str | None:
        status = self._backend.watch.overview.status
        return status.get("changes_stopped_by") if status else None

    def _switch_key(self) -> Any:
        return self._backend.watch.overview.status is None, self._stopped_by(), self._asking

    def _switch(self) -> None:
        if self._backend.watch.overview.status is None or self._asking:
            return
        label = "Allow changes …" if self._stopped_by() else "Stop all changes …"
        button(label, self._ask, "small" if self._stopped_by() else "small danger quiet")

    def _banner_key(self) -> Any:
        view = self._backend.watch.overview
        return view.error, self._stopped_by(), self._asking, self._said, view.now if view.error else None

    def _banner(self) -> None:
        view = self._backend.watch.overview
        if view.error:
            with box("div", "banner bad", role="alert"):
                seen = f" What you see is from {clock(view.now)}." if view.now is not None else ""
                text(f"The assistant does not answer.{seen} Trying again by itself; nothing is lost.", "strong")
                text(view.error, classes="muted")
        if stopped := self._stopped_by():
            with box("div", "banner warn", role="status"):
                text(f"All changes are stopped by {plain(stopped, 200)}. Nothing is made or undone.", "strong")
        if self._asking:
            self._question(stopped is not None)
        if self._said:
            with box("div", "banner"):
                notice(self._said)

    def _question(self, stopped: bool) -> None:
        with box("div", "banner ask", role="group", aria_label="Confirm"):
            if stopped:
                text("Allow changes again? Approved changes will be made.", "strong")
                button("Allow changes", lambda: self._turn("DELETE"), "primary small")
            else:
                text("Stop all changes in every namespace now, approved ones included?", "strong")
                button("Stop all changes", lambda: self._turn("PUT"), "danger small")
            button("Cancel", self._ask, "small")

    def _ask(self) -> None:
        self._asking, self._said = not self._asking, ""
        self.refresh()

    async def _turn(self, method: str) -> None:
        parameters = {"actor": self._backend.actor} if method == "PUT" else {}
        try:
            await self._backend.api.request(method, "/api/kill-switch", **parameters)
        except AiopsError as error:
            self._said = f"Not done, or not known whether it was done: {error}. Press again; that does no harm."
        else:
            self._asking, self._said = False, ""
        await self._backend.watch.look()
        self.refresh()
