"""One incident's timeline, live: the event stream with reconnects, so that nothing is lost or shown twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.core.clock import pause
from aiops.core.errors import AiopsError, ServiceError
from aiops.ui.api import ServerApi
from aiops.ui.story import Story

RETRY_SECONDS = (0.5, 1.0, 2.0, 3.0)
"""Wall seconds between tries while the server is away; the last one repeats."""

ENDED_SECONDS = 3.0
"""An incident that has ended gets new events only when somebody takes its change back."""


class StoryFollower:
    """Feeds `story`, calls `on_event` for each new event and `on_connection` with an error or an empty text.

    `path` is the incident's own (`/api/incidents/ID`)."""

    def __init__(
        self,
        api: ServerApi,
        path: str,
        on_event: Callable[[dict[str, Any]], None],
        on_connection: Callable[[str], None],
    ) -> None:
        self.story = Story()
        self._api = api
        self._path = path
        self._on_event = on_event
        self._on_connection = on_connection

    async def load(self) -> None:
        """Take in what there is already; a server that is away is left to `run`."""
        try:
            for event in await self._api.request("GET", f"{self._path}/events", after=self.story.seq):
                if self.story.add(event):
                    self._on_event(event)
        except AiopsError as error:
            self._on_connection(str(error))

    async def run(self) -> None:
        """Follow until cancelled, or until the server says that there is no such incident."""
        failures = 0
        while True:
            try:
                async for event in self._api.stream(f"{self._path}/stream", self.story.seq):
                    if failures:
                        failures = 0
                        self._on_connection("")
                    if self.story.add(event):
                        self._on_event(event)
                if failures:
                    failures = 0
                    self._on_connection("")
                await pause(ENDED_SECONDS)
            except ServiceError as error:
                self._on_connection(str(error))
                if error.status == 404:
                    return
                failures = await self._wait(failures)
            except AiopsError as error:
                self._on_connection(str(error))
                failures = await self._wait(failures)

    async def _wait(self, failures: int) -> int:
        await pause(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
        return failures + 1
