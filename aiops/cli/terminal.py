"""The terminal: one console, and the colours of states. Text from a cluster is printed as text, never as markup."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from rich.console import Console
from rich.text import Text

COLOURS = {
    "open": "cyan",
    "diagnosing": "cyan",
    "awaiting_approval": "yellow",
    "acting": "yellow",
    "verifying": "cyan",
    "resolved": "green",
    "closed_no_fault": "green",
    "undone": "magenta",
    "escalated": "red",
}


STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that move the cursor, change the terminal or turn the reading direction: with them an alert could show
another diff than the one that is approved."""


def harmless(value: Any) -> Any:
    """A JSON value from outside with every such character written out (`\\x1b`)."""
    if isinstance(value, str):
        return STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), value)
    if isinstance(value, list):
        return [harmless(item) for item in value]
    if isinstance(value, dict):
        return {harmless(key): harmless(item) for key, item in value.items()}
    return value


@cache
def console() -> Console:
    """The one console of this process; results go to standard output."""
    return Console(highlight=False)


@cache
def progress_console() -> Console:
    """Progress goes to standard error, so that standard output holds the result alone."""
    return Console(highlight=False, stderr=True)


def state_text(state: str) -> Text:
    return Text(state.replace("_", " "), style=COLOURS.get(state, ""))
