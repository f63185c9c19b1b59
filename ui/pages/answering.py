"""Where a person answers: buttons, a field for a reason, and what became of the press."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element

from aiops.core.errors import AiopsError, ServiceError
from aiops.ui.api import ServerApi
from aiops.ui.dom import box, button, notice, text
from aiops.ui.parts import Field

LONGEST_REASON = 2000

Send = Callable[[str], Awaitable[None]]
"""Sends an answer with the reason that was typed."""


@dataclass(frozen=True, slots=True)
class Question:
    """How a reason is asked for, and what stands on the button that sends it."""

    label: str
    hint: str
    submit: str


class Place:
    """Drawn under one proposal. One field for a reason is open at a time."""

    def __init__(self) -> None:
        self._line: Element = box("div", "buttons")
        self._status: Element = box("div", "status")
        self._form: Element = box("div", "form")
        self._buttons: list[Element] = []
        self._asked: Question | None = None

    def offer(self, label: str, handler: Callable[[], Any], classes: str = "") -> None:
        """One more button."""
        with self._line:
            self._buttons.append(button(label, handler, classes))

    def ask(self, question: Question, send: Send) -> None:
        """Open the field for a reason; a second time closes it."""
        self._form.clear()
        self._asked = None if self._asked == question else question
        if self._asked is None:
            return
        with self._form:
            form = box("form", "reason")
            with form:
                field = Field(question.label, hint=question.hint, lines=2, focused=True, longest=LONGEST_REASON)
                with box("div", "buttons"):
                    self._buttons.append(text(question.submit, "button", "button danger", type="submit"))
                    button("Cancel", lambda: self.ask(question, send))
            form.on("submit.prevent", lambda _: send(field.value), args=[])

    def close(self) -> None:
        """Close the field for a reason."""
        if not self._form.is_deleted:
            self._form.clear()

    def enable(self, on: bool) -> None:
        for element in self._buttons:
            if not element.is_deleted:
                element.props["disabled"] = not on

    def say(self, said: str, tone: str = "") -> None:
        if self._status.is_deleted:
            return
        self._status.clear()
        with self._status:
            notice(said, tone)


class Sender:
    """Each press sends once; what is not known to have arrived can be pressed again, because the server takes an
    answer once."""

    def __init__(self, api: ServerApi) -> None:
        self._api = api
        self._busy = False
        self._taken: set[str] = set()  # answered for good: the second half of a double click may come late

    async def send(self, place: Place, path: str, body: dict[str, Any], sent: str, *, final: bool) -> None:
        """Post one answer and say what became of it. `final`: once refused it can never be taken any more."""
        if self._busy or path in self._taken:
            return
        self._busy = True
        place.enable(False)
        place.say("Sending …")
        try:
            await self._api.request("POST", path, body)
        except ServiceError as error:
            if error.status >= 500:
                _lost(place, error)
                return
            place.say(f"Not taken: {error}", "warn")  # answered already, overtaken or not possible now
            if final:
                self._taken.add(path)
            else:
                place.enable(True)  # what forbids it now may pass
        except AiopsError as error:
            _lost(place, error)
        else:
            self._taken.add(path)
            place.close()
            place.say(sent, "good")
        finally:
            self._busy = False


def _lost(place: Place, error: AiopsError) -> None:
    place.say(f"It is not known whether this arrived ({error}). Press again; it counts once.", "bad")
    place.enable(True)
