"""What the home page and every header show, read again and again while somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiops.core.clock import Stopwatch, pause
from aiops.core.errors import AiopsError, ServiceError
from aiops.ui.api import ServerApi
from aiops.ui.story import Story

EVERY_SECONDS = 2.0
SCAN_SECONDS = 60.0
"""A look at the whole cluster costs it many queries."""

MOST_SHOWN = 30
"""Incidents in the list of the home page, the newest."""


@dataclass(slots=True)
class Overview:
    """The last answers of the server. `error` is empty while it answers; all else is as fresh as `status["now"]`."""

    status: dict[str, Any] | None = None
    incidents: list[dict[str, Any]] = field(default_factory=list)
    stories: dict[str, Story] = field(default_factory=dict)
    pending: list[dict[str, Any]] = field(default_factory=list)
    scan: dict[str, Any] | None = None
    scan_error: str = ""
    error: str = ""

    @property
    def now(self) -> float | None:
        """The moment on the clock that the incidents use."""
        return self.status["now"] if self.status else None

    @property
    def waiting(self) -> set[str]:
        """Incidents that need a person's answer."""
        return {approval["incident"] for approval in self.pending}


class Watch:
    """Polls for all open pages at once, and only while there is one."""

    def __init__(self, api: ServerApi) -> None:
        self.overview = Overview()
        self._api = api
        self._viewers: dict[Callable[[], None], bool] = {}
        self._task: asyncio.Task[None] | None = None
        self._scan_age: Stopwatch | None = None
        self._states: dict[str, str] = {}
        self._scanning: asyncio.Task[None] | None = None

    def show(self, viewer: Callable[[], None], *, scans: bool = False) -> Callable[[], object]:
        """Call `viewer` after every look from now on; returns what ends that. `scans`: it shows the whole cluster."""
        self._viewers[viewer] = scans
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on(), name="overview")
        return lambda: self._viewers.pop(viewer, None)

    async def look(self) -> None:
        """Look now, and tell all viewers."""
        view = self.overview
        try:
            view.status = await self._api.request("GET", "/api/status")
            view.incidents = await self._api.request("GET", "/api/incidents")
            view.pending = await self._api.request("GET", "/api/approvals", decision="pending")
            for incident in view.incidents[:MOST_SHOWN]:
                await self._catch_up(incident["id"])
            view.error = ""
        except AiopsError as error:
            view.error = str(error)
        except (KeyError, TypeError) as error:
            view.error = f"the assistant's answer cannot be read: {error!r}"
        else:
            self._scan_when_due()
        self._tell()

    async def scan(self) -> None:
        """Look at the whole cluster now."""
        self._scan_age = Stopwatch()
        try:
            self.overview.scan = await self._api.request("GET", "/api/scan")
            self.overview.scan_error = ""
        except ServiceError as error:
            missing = error.status in (404, 405)
            self.overview.scan_error = "This assistant does not look at the whole cluster." if missing else str(error)
        except AiopsError as error:
            self.overview.scan_error = str(error)
        self._tell()

    def _scan_when_due(self) -> None:
        """Look at the whole cluster after a while, and when an incident has come or gone on."""
        if not any(self._viewers.values()):
            return
        states = {incident["id"]: incident["state"] for incident in self.overview.incidents}
        if states != self._states:
            self._scan_age, self._states = None, states
        due = self._scan_age is None or self._scan_age.seconds() > SCAN_SECONDS
        if due and (self._scanning is None or self._scanning.done()):
            self._scanning = asyncio.create_task(self.scan(), name="scan")

    async def _look_on(self) -> None:
        while self._viewers:
            await self.look()
            await pause(EVERY_SECONDS)

    async def _catch_up(self, incident_id: str) -> None:
        story = self.overview.stories.setdefault(incident_id, Story())
        for event in await self._api.request("GET", f"/api/incidents/{incident_id}/events", after=story.seq):
            story.add(event)

    def _tell(self) -> None:
        for viewer in list(self._viewers):
            viewer()
