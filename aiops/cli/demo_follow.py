"""Follows the demo's incident; proposals are answered by option, at the terminal or on the page, whoever is first."""

from __future__ import annotations

import asyncio
from typing import Any

from rich.console import Console
from rich.text import Text

from aiops.cli.prompt import read_line
from aiops.cli.rig import Rig
from aiops.cli.timeline import Timeline
from aiops.core.errors import InvalidInputError, ServiceError

PROMPT = "approve? [y/N] "


class Following:
    """`answer` is the answer to every proposal; None asks a person. Afterwards it holds what came out."""

    def __init__(self, rig: Rig, answer: bool | None, screen: Console) -> None:
        self.diagnosis: dict[str, Any] | None = None
        self.verdict: dict[str, Any] | None = None
        self.actions: list[dict[str, Any]] = []
        self._rig = rig
        self._answer = answer
        self._screen = screen
        self._asking = False

    async def follow(self, incident_id: str) -> None:
        """Show the timeline to the incident's end. Raises `InvalidInputError` where nobody can be asked."""
        timeline = Timeline(self._screen)
        asked: asyncio.Task[None] | None = None
        try:
            async with asyncio.TaskGroup() as group:
                async for event in self._rig.api.stream(f"/api/incidents/{incident_id}/stream"):
                    if asked is not None and event["kind"] in ("decision", "transition"):
                        self._stop(asked)
                        asked = None
                    timeline.show(event)
                    self._keep(event)
                    if event["kind"] == "proposal":
                        asked = group.create_task(self._propose(event["data"]))
        except* InvalidInputError as errors:
            raise errors.exceptions[0] from None

    def _keep(self, event: dict[str, Any]) -> None:
        if event["kind"] == "diagnosis":
            self.diagnosis = event["data"]
        elif event["kind"] == "verification":
            self.verdict = event["data"]
        elif event["kind"] == "change":
            self.actions.append(event["data"])

    def _stop(self, asked: asyncio.Task[None]) -> None:
        """The question is settled; one that still stands in the terminal was answered elsewhere."""
        if self._asking:
            asked.cancel()
            self._screen.print(Text("answered on the page", style="dim"))

    async def _propose(self, proposal: dict[str, Any]) -> None:
        said = self._answer if self._answer is not None else await self._ask()
        body = {
            "decision": "approved" if said else "denied",
            "digest": proposal["digest"],
            "actor": "demo",
            "reason": "",
        }
        try:
            await self._rig.api.request("POST", f"/api/approvals/{proposal['approval']}", body)
        except ServiceError as error:
            if error.status != 409:
                raise
            self._screen.print(Text(f"not taken: {error}", style="dim"))  # the page was a moment quicker

    async def _ask(self) -> bool:
        self._asking = True
        try:
            return await ask(self._screen)
        finally:
            self._asking = False


async def ask(screen: Console) -> bool:
    """A person's answer; anything but a yes is a no. Raises `InvalidInputError` where nobody can be asked."""
    screen.print(PROMPT, end="", markup=False)
    line = await read_line()
    if not line:
        raise InvalidInputError("nobody to ask: standard input has ended; say --approve or --deny")
    return line.strip().lower() in ("y", "yes")
