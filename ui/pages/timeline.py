"""What happened, event by event, the newest on top."""

from __future__ import annotations

from typing import Any

from nicegui.element import Element

from aiops.core.clock import rfc3339
from aiops.ui.dom import box, chip, link, text
from aiops.ui.pages.evidence import anchor
from aiops.ui.words import full, plain, state, tone

MOST_ROWS = 400

LONGEST = 400


class Timeline:
    """Rows are added one by one; old ones stay as they are."""

    def __init__(self) -> None:
        self._start: float | None = None
        with box("section", "card timeline", aria_label="Timeline"):
            with box("div", "heading"):
                text("Timeline", "h2")
                text("newest first", classes="muted")
                self._state = chip("reconnecting …", "warn")
                self._state.set_visibility(False)
            self._list: Element = box("ol", "events", role="log", aria_live="polite")

    def connection(self, error: str) -> None:
        """Say that news are held up, or that they come again (an empty text)."""
        self._state.set_visibility(bool(error))
        self._state.props["title"] = plain(error, 300)

    def add(self, event: dict[str, Any]) -> None:
        if self._start is None:
            self._start = event["at"]
        with self._list:
            row = _row(event, event["at"] - self._start)
        row.move(target_index=0)
        rows = self._list.default_slot.children
        if len(rows) > MOST_ROWS:
            self._list.remove(rows[-1])


def _row(event: dict[str, Any], after: float) -> Element:
    kind, data = plain(event["kind"]), event["data"]
    row = box("li", f"event {kind} {_tone(kind, data)}")
    with row:
        minutes, seconds = divmod(max(0, int(after)), 60)
        text(f"+{minutes:02d}:{seconds:02d}", "time", "", datetime=rfc3339(event["at"]), title=full(event["at"]))
        with box("div", "said"):
            text(event["actor"], classes="actor")
            if kind == "transition":
                text(state(data["to"]), "b")
            if kind == "report":
                text("wrote the report")
            elif kind == "evidence":
                link(plain(event["text"], LONGEST), f"#{anchor(data['id'])}")
            else:
                text(plain(event["text"], LONGEST))
    return row


def _tone(kind: str, data: dict[str, Any]) -> str:
    if kind == "transition":
        return tone(data["to"])
    if kind == "signal":
        return "good" if data.get("resolved") else "bad"
    if kind == "verification":
        if data.get("cured"):
            return "good"
        return {"better": "good", "worse": "bad"}.get(data.get("outcome", ""), "warn")
    return {"proposal": "warn", "change": "busy", "decision": "busy"}.get(kind, "")
