"""What was seen, with the query that sees it again, and a chart where there are values over time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
from nicegui.element import Element

from aiops.core.errors import AiopsError, ServiceError
from aiops.ui import chart
from aiops.ui.api import ServerApi
from aiops.ui.dom import box, chip, heading, link, text
from aiops.ui.parts import Copy
from aiops.ui.story import Story
from aiops.ui.words import clock, full, plain, subject

OPEN_AT_FIRST = 2
"""Charts that are shown without a click, the most telling ones."""

CHARTED = ("metrics", "traces")


def anchor(evidence_id: str) -> str:
    """The id of an evidence's element."""
    return "evidence-" + "".join(c for c in plain(evidence_id, 100) if c.isalnum() or c in "-_.")


def cite(evidence_id: str, known: dict[str, Any] | None, opened: Callable[[str], None]) -> None:
    """A citation that leads to its evidence; `opened` is told its id when somebody goes there."""
    title = plain(known["summary"], 300) if known else "not among the evidence of this incident"
    shown = link(plain(evidence_id, 60), f"#{anchor(evidence_id)}", "cite", title=title)
    shown.on("click", lambda _: opened(evidence_id), args=[])


def ranked(story: Story) -> list[dict[str, Any]]:
    """The evidence, what the best cause cites first, then by score."""
    cited = story.cause["evidence"] if story.cause else []
    return sorted(story.evidence.values(), key=lambda item: (item["id"] not in cited, -item["score"], item["id"]))


class EvidenceList:
    """One row for each evidence; a row opens to its values, its query and its chart."""

    def __init__(self, api: ServerApi, path: str, story: Story) -> None:
        self._api = api
        self._path = path
        self._story = story
        self._rows: dict[str, _Row] = {}
        self._charting = False
        with box("section", "card evidence", aria_label="Evidence"):
            heading("Evidence")
            self._empty = text("Nothing was found yet.", "p", "muted")
            self._list: Element = box("div", "list")

    def refresh(self) -> None:
        """Add what is new and put all into order; open rows stay open."""
        order = ranked(self._story)
        self._empty.set_visibility(not order)
        cited = set(self._story.cause["evidence"]) if self._story.cause else set()
        for item in order:
            if item["id"] not in self._rows:
                with self._list:
                    self._rows[item["id"]] = _Row(self._api, self._path, item)
            self._rows[item["id"]].mark(item["id"] in cited)
        for index, item in enumerate(order):
            self._rows[item["id"]].element.move(target_index=index)

    def open(self, evidence_id: str) -> None:
        """Open the row of this evidence, where there is one."""
        if row := self._rows.get(evidence_id):
            row.open()

    async def show_charts(self) -> None:
        """Open the charts that tell most, once there is a diagnosis."""
        if self._charting or self._story.diagnosis is None:
            return
        self._charting = True
        shown = 0
        for item in [item for item in ranked(self._story) if item["source"] in CHARTED][:6]:
            if shown < OPEN_AT_FIRST and await self._rows[item["id"]].show_chart():
                self._rows[item["id"]].open()
                shown += 1


class _Row:
    def __init__(self, api: ServerApi, path: str, item: dict[str, Any]) -> None:
        self._api, self._item = api, item
        self._path = f"{path}/evidence/{quote(item['id'], safe='')}/charts"
        self._loading = asyncio.Lock()
        self._charted: bool | None = None
        self.element = box("details", "finding", id=anchor(item["id"]))
        self.element.on("toggle", lambda _: self.show_chart(), args=[])
        with self.element:
            with box("summary"):
                text(plain(item["source"], 20), classes="source")
                with box("span", "said"):
                    text(item["summary"])
                    self._cited = chip("cited", "busy")
                text(plain(item["id"], 60), classes="id mono muted")
                box("meter", "", min=0, max=1, value=item["score"], title=f"departs by {item['score']:.2f} of 1")
            with box("div", "inside"):
                _values(item)
                self._chart: Element = box("div")
                _query(item)

    def mark(self, cited: bool) -> None:
        self._cited.set_visibility(cited)

    def open(self) -> None:
        self.element.props["open"] = True

    async def show_chart(self) -> bool:
        """Fetch the charts once; True where there is a chart."""
        async with self._loading:
            if self._charted is None:
                self._charted = await self._fetched()
            return bool(self._charted)

    async def _fetched(self) -> bool | None:
        """Draw the charts; False: there are none, None: not known, to be tried again."""
        try:
            answer = await self._api.request("GET", self._path)
        except ServiceError as error:
            if error.status == 404:
                return False
            self._failed(error)
            return None
        except AiopsError as error:
            self._failed(error)
            return None
        if self._chart.is_deleted:
            return False
        self._chart.clear()
        with self._chart:
            for data in answer["charts"]:
                chart.draw(data)
                _copied("Query", data["query"])
            if answer["missing"]:
                text(f"Not all could be read: {plain(answer['missing'], 300)}", "p", "muted small")
        return True

    def _failed(self, error: AiopsError) -> None:
        self._chart.clear()
        with self._chart:
            text(f"The chart could not be read: {error}. Close and open the row to try again.", "p", "notice warn")


def _values(item: dict[str, Any]) -> None:
    window = item["window"]
    with box("dl", "rows"):
        for name, value, classes in (
            ("About", subject(item["subject"]), ""),
            ("Seen", plain(item["observed"]), "mono"),
            ("Before", plain(item["baseline"]), "mono"),
            ("Since", clock(item["onset"]), ""),
            ("Window", f"{full(window['start'])} to {clock(window['end'])}", ""),
        ):
            if value:
                text(name, "dt")
                text(value, "dd", classes)


def _query(item: dict[str, Any]) -> None:
    arguments = orjson.dumps(item["query"]["arguments"]).decode()
    _copied("Reading", f"{item['query']['tool']} {arguments}")


def _copied(name: str, content: str) -> None:
    with box("div", "copied"):
        text(name, classes="muted")
        text(content, "code")
        Copy(content)
