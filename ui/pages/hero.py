"""What is wrong, since when, how sure: the first thing that somebody reads."""

from __future__ import annotations

import re
from typing import Any

from aiops.core.incident import State
from aiops.ui.dom import box, text
from aiops.ui.story import Story
from aiops.ui.words import clock, duration, percent, plain, state, subject, tone

_CITED = re.compile(r"\[[\w.-]+(?:, ?[\w.-]+)*\]$")
"""The evidence ids at the end of a summary; the page shows them as links."""

COURSE = (
    State.OPEN,
    State.DIAGNOSING,
    State.AWAITING_APPROVAL,
    State.ACTING,
    State.VERIFYING,
    State.RESOLVED,
)
TOLD_BELOW = "below"
"""Facts that stand further down as well; a phone leaves them out on top."""

ENDS = (State.ESCALATED, State.CLOSED_NO_FAULT, State.UNDONE)


def sentence(cause: dict[str, Any]) -> str:
    """A cause in words, without what the page shows beside it (the cited evidence, the field)."""
    said = _CITED.sub("", str(cause["summary"]).rstrip()).rstrip()
    return plain(said.removesuffix(f" Field: {cause['field']}."), 600)


def headline(story: Story, title: str) -> str:
    """One sentence for the whole incident, as far as it is known."""
    if story.diagnosis is None:
        return plain(title, 300)
    if not story.diagnosis["fault"]:
        return "No fault was found"
    cause = story.cause
    if cause is None or story.abstained:
        return "The evidence does not tell the cause"
    return sentence(cause)


def draw(story: Story, title: str, namespaces: list[str], now: float | None) -> None:
    _steps(story)
    text(headline(story, title), "h1")
    with box("dl", "facts"):
        if story.since is not None:
            _fact("Since", clock(story.since), f"{duration(now - story.since)} ago" if now and not _over(story) else "")
        cause = story.cause
        if cause is not None:
            sure = "too little to act on" if story.abstained else _sure(cause["confidence"])
            _fact("How sure", percent(cause["confidence"]), sure)
            _fact("Where", subject(cause["subject"]), "", TOLD_BELOW)
            _fact("What kind", plain(cause["mechanism"] or "not known"), plain(cause["field"] or ""), TOLD_BELOW)
        elif story.diagnosis is None:
            _fact("Seen so far", f"{len(story.evidence)} findings", "still looking")
        if story.diagnosis is not None:
            _fact("Noticed as", plain(title, 200), ", ".join(plain(n) for n in namespaces))
        elif namespaces:
            _fact("Namespace", ", ".join(plain(n) for n in namespaces), "")
    if story.diagnosis is not None and not story.diagnosis["fault"]:
        text(story.diagnosis["summary"], "p", "muted")
    if story.because and story.state in ENDS:
        text(f"{state(story.state)}: {plain(story.because, 600)}", "p", f"because {tone(story.state)}")


def _over(story: Story) -> bool:
    return story.state in (State.RESOLVED, State.CLOSED_NO_FAULT)


def _sure(confidence: float) -> str:
    return "very likely" if confidence >= 0.9 else "likely" if confidence >= 0.6 else "not certain"


def _fact(name: str, value: str, note: str, classes: str = "") -> None:
    with box("div", f"fact {classes}"):
        text(name, "dt")
        with box("dd"):
            text(value, classes="value")
            if note:
                text(note, classes="muted")


def _steps(story: Story) -> None:
    """The state as steps on the way to resolved; where it ended elsewhere, the steps that it took."""
    seen = {State.OPEN.value, *(name for name, _ in story.states)}
    course = [*(name for name in COURSE[:-1] if name in seen), story.state] if story.state in ENDS else list(COURSE)
    with box("ol", "steps", aria_label="State of the incident"):
        for name in course:
            here = name == story.state
            kind = f"here {tone(name)}" if here else "done" if name in seen else ""
            text(state(name), "li", kind, aria_current="step" if here else None)
