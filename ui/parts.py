"""The two parts that need a script of their own in the browser."""

from __future__ import annotations

from typing import Any

from nicegui.element import Element

from aiops.ui.words import plain


class Field(Element, component="field.js"):
    """A labelled text field; `value` is what was typed so far."""

    def __init__(self, label: str, *, hint: str = "", lines: int = 1, focused: bool = False, longest: int) -> None:
        super().__init__()
        self.value = ""
        self.props.update(label=label, hint=hint, lines=lines, focused=focused, longest=longest)
        self._longest = longest
        self.on("typed", lambda event: self._typed(event.args))

    def _typed(self, value: Any) -> None:
        self.value = str(value)[: self._longest]


class Copy(Element, component="copy.js"):
    """A button that copies `text`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.props["text"] = plain(text)
