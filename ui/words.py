"""Text for people: invisible characters written out, long text cut, moments and durations in words."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.incident import State
from aiops.core.text import visible

LONGEST = 4000
"""Characters of one text on the page; the rest is told as a number."""


def plain(value: Any, longest: int = LONGEST) -> str:
    """Any value from outside as text that reads as it is written."""
    text = str(value)
    shown = visible(text[:longest])
    left = len(text) - longest
    return shown if left <= 0 else f"{shown} … ({left} more characters)"


def clock(moment: float | None) -> str:
    """`09:30:15`, in UTC, which the bar of every page says; nothing where it is not known."""
    return rfc3339(moment)[11:19] if moment is not None else ""


def full(moment: float) -> str:
    """`2026-01-05 09:30:15`, in UTC."""
    return rfc3339(moment).replace("T", " ").removesuffix("Z")


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`; negative counts as none."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"


def percent(share: float) -> str:
    """`98 %`; small shares keep a digit."""
    value = share * 100
    return f"{value:.1f} %" if 0 < value < 1 else f"{value:.0f} %"


def subject(value: dict[str, Any]) -> str:
    """An entity, or the edge between two, as it is written everywhere."""
    if "source" in value:
        return f"{subject(value['source'])} → {subject(value['target'])}"
    return plain("/".join(str(value.get(part, "")) for part in ("kind", "namespace", "name")))


STATES = {
    State.OPEN: ("Open", "busy"),
    State.DIAGNOSING: ("Diagnosing", "busy"),
    State.AWAITING_APPROVAL: ("Needs approval", "warn"),
    State.ACTING: ("Changing", "busy"),
    State.VERIFYING: ("Verifying", "busy"),
    State.RESOLVED: ("Resolved", "good"),
    State.UNDONE: ("Undone", "warn"),
    State.ESCALATED: ("Escalated", "bad"),
    State.CLOSED_NO_FAULT: ("No fault", "good"),
}
"""What people read for a state, and its tone."""


def state(name: str) -> str:
    """A state in words; one that this version does not know as it is written."""
    return STATES[State(name)][0] if name in STATES else plain(name)


def tone(name: str) -> str:
    """The colour family of a state: good, warn, bad or busy."""
    return STATES[State(name)][1] if name in STATES else "busy"
