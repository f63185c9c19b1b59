"""One incident: what is wrong, what is proposed, what it rests on, how it goes on."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from nicegui import context

from aiops.core.clock import pause
from aiops.core.errors import AiopsError, NotFoundError, ServiceError
from aiops.ui import markdown, topology
from aiops.ui.dom import box, heading, text
from aiops.ui.following import StoryFollower
from aiops.ui.frame import Backend, Frame, Part, while_open
from aiops.ui.pages import causes, hero
from aiops.ui.pages.approval import Answering
from aiops.ui.pages.evidence import EvidenceList
from aiops.ui.pages.timeline import Timeline
from aiops.ui.words import plain

GATHER_SECONDS = 0.1
"""Events that come within this are shown together."""

DECIDING = ("proposal", "suggestion", "decision", "change", "verification", "transition")
"""Events that change what can be answered."""


class IncidentPage:
    """One open page of one incident."""

    def __init__(self, backend: Backend, incident_id: str) -> None:
        self._backend = backend
        self._id = incident_id
        self._path = f"/api/incidents/{quote(incident_id, safe='')}"
        self._follower = StoryFollower(backend.api, self._path, self._on_event, self._on_connection)
        self._story = self._follower.story
        self._title = ""
        self._namespaces: list[str] = []
        self._graph: dict[str, Any] | None = None
        self._graph_note = "Drawn once it is known where to look."
        self._graph_of = 0
        self._answers_changed = False
        self._news = asyncio.Event()
        self._frame = Frame(backend, plain(incident_id, 60))

    async def open(self) -> None:
        """Draw what is known, then follow."""
        try:
            await self._read_title()
        except NotFoundError:
            with self._frame.body:
                text("There is no such incident", "h1")
                text(f"The assistant knows no incident {plain(self._id, 100)!r}.", "p", "muted")
            return
        self._draw()
        await self._follower.load()
        self._refresh()
        while_open(self._follower.run())
        while_open(self._live())
        context.client.on_delete(self._backend.watch.show(self._on_look))

    async def _read_title(self) -> None:
        """Raises `NotFoundError`; a server that is away is asked again later."""
        try:
            incident = await self._backend.api.request("GET", self._path)
        except ServiceError as error:
            if error.status == 404:
                raise NotFoundError(str(error)) from error
            return
        except AiopsError:
            return
        self._title, self._namespaces = incident["title"], incident["namespaces"]

    def _draw(self) -> None:
        with self._frame.body, box("div", "columns"):
            with box("div", "main"):
                hero_part = Part(self._hero, self._hero_key, "hero")
                self._answering = Answering(self._backend, self._story, self._show_evidence)
                causes_part = Part(
                    lambda: causes.draw(self._story, self._show_evidence),
                    lambda: self._story.diagnosis,
                    "card causes-card",
                )
                self._evidence = EvidenceList(self._backend.api, self._path, self._story)
                report_part = Part(self._report, lambda: self._story.report, "report-part")
            with box("aside", "side"):
                self._timeline = Timeline()
            graph_part = Part(self._topology, self._graph_key, "card wide")
        self._parts = [hero_part, causes_part, graph_part, report_part]

    def _show_evidence(self, evidence_id: str) -> None:
        self._evidence.open(evidence_id)

    def _graph_key(self) -> Any:
        return self._graph, self._graph_note, self._story.cause

    def _hero_key(self) -> Any:
        now = self._backend.watch.overview.now
        return self._title, self._story.seq, int(now / 10) if now else None

    def _hero(self) -> None:
        hero.draw(self._story, self._title or self._id, self._namespaces, self._backend.watch.overview.now)

    def _topology(self) -> None:
        heading("How it spreads")
        topology.draw_way(self._story.cause)
        if self._graph is None or not self._graph["nodes"]:
            text(self._graph_note, "p", "muted")
            return
        topology.draw(self._graph)
        for gap in self._graph.get("missing", ()):
            text(f"Not seen: {plain(gap)}", "p", "muted small")

    def _report(self) -> None:
        if self._story.report:
            with box("div", "card"):
                heading("Report")
                markdown.draw(self._story.report)
                path = f"/incident/{quote(self._id, safe='')}/postmortem"
                text("Post-mortem", "a", "postmortem", href=path, target="_blank")

    def _on_event(self, event: dict[str, Any]) -> None:
        self._timeline.add(event)
        self._answers_changed = self._answers_changed or event["kind"] in DECIDING
        self._news.set()

    def _on_connection(self, error: str) -> None:
        self._timeline.connection(error)

    def _on_look(self) -> None:
        self._frame.refresh()
        self._parts[0].refresh()

    def _refresh(self) -> None:
        for part in self._parts:
            part.refresh()
        self._evidence.refresh()
        if self._answers_changed:
            self._answers_changed = False
            self._answering.refresh()

    async def _live(self) -> None:
        """Draw what is new, a few times a second at the most."""
        while True:
            if not self._title:
                await self._read_title()
            if self._story.diagnosis is not None:
                await self._evidence.show_charts()
            await self._read_graph()
            self._refresh()
            await self._news.wait()
            self._news.clear()
            await pause(GATHER_SECONDS)
            self._refresh()

    async def _read_graph(self) -> None:
        """The picture changes with each diagnosis."""
        if self._story.diagnoses == self._graph_of and self._graph is not None:
            return
        if not self._story.states:
            return
        try:
            self._graph = await self._backend.api.request("GET", f"{self._path}/topology")
            self._graph_of = self._story.diagnoses
            self._graph_note = "Nothing is known of the calls around this incident."
        except ServiceError as error:
            missing = error.status == 404
            self._graph_note = "This assistant does not give a call graph." if missing else str(error)
        except AiopsError as error:
            self._graph_note = f"The call graph could not be read: {error}"
