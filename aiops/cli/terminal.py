"""The terminal: one console, and the colours of states. Text from a cluster is printed as text, never as markup."""

from __future__ import annotations

from functools import cache

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
