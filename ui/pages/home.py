"""The first screen: what needs somebody, what is going on, how the cluster is."""

from __future__ import annotations

from typing import Any

from nicegui import context

from aiops.ui.dom import box, chip, heading, text
from aiops.ui.frame import Backend, Frame, Part
from aiops.ui.pages import health, hero
from aiops.ui.pages.asking import QuestionBox
from aiops.ui.pages.investigating import Investigating
from aiops.ui.story import Story
from aiops.ui.watching import MOST_SHOWN
from aiops.ui.words import clock, duration, full, percent, plain, subject, tone
from aiops.ui.words import state as state_word

MODES = {
    "observe": "It reports only; it proposes no change.",
    "suggest": "It suggests changes; people make them.",
    "approve": "It makes a change when a person has approved it.",
}


class HomePage:
    """One open home page."""

    def __init__(self, backend: Backend) -> None:
        self._view = backend.watch.overview
        self._backend = backend
        self._frame = Frame(backend)

    async def open(self) -> None:
        if self._view.status is None:
            await self._backend.watch.look()
        self._draw()
        context.client.on_delete(self._backend.watch.show(self._on_look, scans=True))

    def _draw(self) -> None:
        with self._frame.body, box("div", "columns home"):
            with box("div", "main"):
                waiting = Part(self._waiting, lambda: self._view.pending, "waiting")
                incidents = Part(self._incidents, self._incidents_key, "card incidents", "section")
                investigating = Part(self._investigating, self._is_empty)
                QuestionBox(self._backend.api)
            with box("aside", "side"):
                scan = Part(lambda: health.draw(self._view, self._backend.watch.scan), self._scan_key, "card health")
                about = Part(self._about, lambda: self._view.status, "card about")
        self._parts = [waiting, incidents, investigating, scan, about]

    def _on_look(self) -> None:
        self._frame.refresh()
        for part in self._parts:
            part.refresh()

    def _scan_key(self) -> Any:
        return self._view.scan, self._view.scan_error, self._view.scan is None

    def _incidents_key(self) -> Any:
        shown = self._view.incidents[:MOST_SHOWN]
        now = int((self._view.now or 0) / 10)
        seen = [(i["id"], i["state"], self._story(i).seq) for i in shown]
        return seen, now, self._view.scan, self._view.waiting, len(self._view.incidents), self._view.status is None

    def _is_empty(self) -> bool:
        return self._view.status is not None and not self._view.incidents

    def _investigating(self) -> None:
        if self._is_empty():
            with box("div", "card"):
                Investigating(self._backend.api)

    def _story(self, incident: dict[str, Any]) -> Story:
        return self._view.stories.get(incident["id"]) or Story()

    def _waiting(self) -> None:
        for approval in self._view.pending:
            proposal = approval["action"]["proposal"]
            with box("a", "card needs", href=f"/incident/{plain(approval['incident'], 100)}#approval"):
                with box("div", "line"):
                    chip("Needs your answer", "warn")
                    text(plain(proposal["tool"]).replace("_", " "), "strong")
                    text(subject(proposal["target"]), "code")
                text(proposal["reason"], "p", "muted")
                text("Review", classes="button primary")

    def _incidents(self) -> None:
        incidents = self._view.incidents
        heading("Incidents", f"{len(incidents)}" if incidents else "")
        if self._view.status is None:
            text("Nothing can be shown until the assistant answers.", "p", "muted")
            return
        if not incidents:
            with box("div", "empty"):
                well = self._view.scan is not None and not self._view.scan.get("findings")
                text("Nothing is wrong" if well else "No incident", "h3")
                text(f"No alert has come in. Last looked at {clock(self._view.now)}.", "p", "muted")
                text("Alerts arrive by webhook. Below, have a namespace looked at, or ask.", "p", "muted")
        with box("ul", "incident-list"):
            for incident in incidents[:MOST_SHOWN]:
                self._incident(incident)
        if len(incidents) > MOST_SHOWN:
            text(f"{len(incidents) - MOST_SHOWN} older ones are not shown.", "p", "muted small")

    def _incident(self, incident: dict[str, Any]) -> None:
        story = self._story(incident)
        needs = incident["id"] in self._view.waiting
        with box("li"), box("a", "incident", href=f"/incident/{plain(incident['id'], 100)}"):
            box("i", f"dot {tone(incident['state'])}", aria_hidden="true")
            with box("div", "body"):
                text(hero.headline(story, incident["title"]), classes="title")
                with box("div", "line muted"):
                    text(plain(incident["title"], 140))
            with box("div", "meta"):
                chip(
                    "Needs you" if needs else state_word(incident["state"]),
                    "warn" if needs else tone(incident["state"]),
                )
                with box("span", "muted"):
                    if story.cause is not None:
                        text(f"{percent(story.cause['confidence'])} sure · ")
                    text(", ".join(plain(n, 60) for n in incident["namespaces"]) or "whole cluster")
                    text(f" · {self._age(incident)}", title=full(incident["opened_at"]))

    def _age(self, incident: dict[str, Any]) -> str:
        now = self._view.now
        return f"{duration(now - incident['opened_at'])} ago" if now is not None else clock(incident["opened_at"])

    def _about(self) -> None:
        heading("Assistant")
        status = self._view.status
        if status is None:
            text("Not connected yet.", "p", "muted")
            return
        read_only = status.get("read_only")
        text("It is read-only." if read_only else MODES.get(status["autonomy"], plain(status["autonomy"])), "p")
        with box("dl", "rows"):
            for name, value in (
                ("Address", plain(self._backend.api.url)),
                ("Its time", clock(status["now"])),
                ("Changes seen since", clock(status["changes_recorded_since"])),
                ("You are", plain(self._backend.actor, 200)),
            ):
                text(name, "dt")
                text(value, "dd")
