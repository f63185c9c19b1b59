"""The question box and its answers: sentences with what they rest on."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from nicegui.element import Element

from aiops.core.errors import AiopsError, ServiceError
from aiops.ui.api import ServerApi
from aiops.ui.dom import box, button, heading, notice, text
from aiops.ui.parts import Copy, Field
from aiops.ui.words import plain

EXAMPLES = ("Which pods are failing?", "What changed in the last 10 minutes?", "Why is frontend slow?")
LONGEST_QUESTION = 1000
MOST_ROWS = 50


class QuestionBox:
    """One box; the answers stand below it, the newest first."""

    def __init__(self, api: ServerApi) -> None:
        self._api = api
        self._busy = False
        with box("section", "card asking", aria_label="Ask"):
            heading("Ask", "answers come from read-only tools, with what they rest on")
            form = box("form", "ask-form")
            form.on("submit.prevent", lambda _: self._submit(), args=[])
            with form:
                self._place = box("div", "place")
                self._send = text("Ask", "button", "button primary", type="submit")
            with box("div", "examples"):
                for example in EXAMPLES:
                    button(example, partial(self._ask_only, example), "small quiet")
            self._status = box("div", "status")
            self._answers: Element = box("div", "answers", aria_live="polite")
        self._field = self._new_field()

    def _new_field(self) -> Field:
        self._place.clear()
        with self._place:
            return Field("Question", hint="Which pods are failing in …?", longest=LONGEST_QUESTION)

    async def _submit(self) -> None:
        asked = self._field.value.strip()
        if asked and await self._ask(asked):
            self._field = self._new_field()

    async def _ask_only(self, asked: str) -> None:
        await self._ask(asked)

    async def _ask(self, asked: str) -> bool:
        """True where there is an answer; a question that got none stays in the box."""
        if self._busy:
            return False
        self._busy = True
        self._send.props["disabled"] = True
        self._say("Looking …")
        try:
            answer = await self._api.request("POST", "/api/ask", {"question": asked})
        except ServiceError as error:
            missing = error.status in (404, 405)
            self._say("This assistant takes no questions." if missing else f"No answer: {error}", "warn")
            return False
        except AiopsError as error:
            self._say(f"No answer ({error}). Ask again; a question changes nothing.", "bad")
            return False
        else:
            self._status.clear()
            self._show(answer)
            return True
        finally:
            self._busy = False
            self._send.props["disabled"] = False

    def _say(self, said: str, tone: str = "") -> None:
        self._status.clear()
        with self._status:
            notice(said, tone)

    def _show(self, answer: dict[str, Any]) -> None:
        with self._answers:
            shown = box("article", "reply")
        with shown:
            draw(answer)
        shown.move(target_index=0)


def draw(answer: dict[str, Any]) -> None:
    """One answer, as `core.answer.Answer` in JSON."""
    text(answer["question"], "h3")
    for sentence in answer["sentences"]:
        with box("p", "" if answer["answered"] else "muted"):
            text(sentence["text"])
            for cited in sentence["cites"]:
                text(plain(cited, 60), classes="cite")
    for table in answer["tables"]:
        _table(table)
    if answer["citations"]:
        with box("details", "more"):
            text(f"What it rests on ({len(answer['citations'])})", "summary")
            for citation in answer["citations"]:
                _citation(citation)
    if answer["by_model"]:
        words = f"Written by {plain(answer['by_model'], 200)} from these readings, {answer['tokens']} tokens."
        text(words, "p", "muted small")


def _citation(citation: dict[str, Any]) -> None:
    query = citation["query"]
    said = f"{query['tool']} {orjson.dumps(query['arguments']).decode()}"
    with box("div", "copied"):
        text(plain(citation["id"], 60), classes="cite")
        text(citation["summary"])
        text(said, "code")
        Copy(said)


def _table(table: dict[str, Any]) -> None:
    with box("div", "table", tabindex="0"), box("table"):
        with box("thead"), box("tr"):
            for column in table["columns"]:
                text(column, "th", scope="col")
        with box("tbody"):
            for row in table["rows"][:MOST_ROWS]:
                with box("tr"):
                    for cell in row:
                        text("" if cell is None else plain(cell, 300), "td")
    if len(table["rows"]) > MOST_ROWS:
        text(f"and {len(table['rows']) - MOST_ROWS} more rows", "p", "muted small")
