"""The terminal: one console, the colours of states, and text from outside as plain text, never as markup."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

from rich.console import Console
from rich.text import Text

from aiops.core.text import visible
from aiops.ui import words

COLOURS = {"good": "green", "warn": "yellow", "bad": "red", "busy": "cyan"}
"""By the tone of a state, which is that of the page."""

UNSEEN_WIDTH = 200
"""Characters of a line in a file or a pipe."""


def visible_values(value: Any) -> Any:
    """A JSON value from outside in which every text, keys included, is `visible`."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [visible_values(item) for item in value]
    if isinstance(value, dict):
        return {visible(key): visible_values(item) for key, item in value.items()}
    return value


@cache
def console() -> Console:
    """The one console of this process; results go to standard output. Where that is no terminal, nobody reads lines of
    80 characters."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else UNSEEN_WIDTH
    return Console(highlight=False, width=width)


@cache
def progress_console() -> Console:
    """Progress goes to standard error, so that standard output holds the result alone."""
    return Console(highlight=False, stderr=True)


def state_text(state: str) -> Text:
    """A state in the words of the page, in its colour."""
    return Text(words.state(state), style=COLOURS[words.tone(state)])
