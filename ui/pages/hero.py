"""What is wrong, since when, how sure: the first thing that somebody reads."""

from __future__ import annotations

import re
from typing import Any

from aiops.ui.casefile import CaseFile
from aiops.ui.dom import box, text
from aiops.ui.words import clock, duration, percent, plain, state, subject, tone

_CITED = re.compile(r"\s*\[[\w.-]+(?:, ?[\w.-]+)*\]\s*$")
"""The evidence ids at the end of a summary; the page shows them as links."""

COURSE = ("open", "diagnosing", "awaiting_approval", "acting", "verifying", "resolved")
TOLD_BELOW = "below"
"""Facts that stand further down as well; a phone leaves them out on top."""

ENDS = ("escalated", "closed_no_fault", "undone")


def sentence(cause: dict[str, Any]) -> str:
    """A cause in words, without what the page shows beside it (the cited evidence, the field)."""
    said = _CITED.sub("", str(cause["summary"]))
    return plain(said.removesuffix(f" Field: {cause['field']}."), 600)


def headline(case: CaseFile, title: str) -> str:
    """One sentence for the whole incident, as far as it is known."""
    if case.diagnosis is None:
        return plain(title, 300)
    if not case.diagnosis["fault"]:
        return "No fault was found"
    cause = case.cause
    if cause is None or case.abstained:
        return "The evidence does not tell the cause"
    return sentence(cause)


def draw(case: CaseFile, title: str, namespaces: list[str], now: float | None) -> None:
    _steps(case)
    text(headline(case, title), "h1")
    with box("dl", "facts"):
        if case.since is not None:
            _fact("Since", clock(case.since), f"{duration(now - case.since)} ago" if now and not _over(case) else "")
        cause = case.cause
        if cause is not None:
            sure = "too little to act on" if case.abstained else _sure(cause["confidence"])
            _fact("How sure", percent(cause["confidence"]), sure)
            _fact("Where", subject(cause["subject"]), "", TOLD_BELOW)
            _fact("What kind", plain(cause["mechanism"] or "not known"), plain(cause["field"] or ""), TOLD_BELOW)
        elif case.diagnosis is None:
            _fact("Seen so far", f"{len(case.evidence)} findings", "still looking")
        if case.diagnosis is not None:
            _fact("Noticed as", plain(title, 200), ", ".join(plain(n) for n in namespaces))
        elif namespaces:
            _fact("Namespace", ", ".join(plain(n) for n in namespaces), "")
    if case.diagnosis is not None and not case.diagnosis["fault"]:
        text(case.diagnosis["summary"], "p", "muted")
    if case.because and case.state in ENDS:
        text(f"{state(case.state)}: {plain(case.because, 600)}", "p", f"because {tone(case.state)}")


def _over(case: CaseFile) -> bool:
    return case.state in ("resolved", "closed_no_fault")


def _sure(confidence: float) -> str:
    return "very likely" if confidence >= 0.9 else "likely" if confidence >= 0.6 else "not certain"


def _fact(name: str, value: str, note: str, classes: str = "") -> None:
    with box("div", f"fact {classes}"):
        text(name, "dt")
        with box("dd"):
            text(value, classes="value")
            if note:
                text(note, classes="muted")


def _steps(case: CaseFile) -> None:
    """The state as steps on the way to resolved; where it ended elsewhere, the steps that it took."""
    seen = {"open", *(name for name, _ in case.states)}
    course = [*(name for name in COURSE[:-1] if name in seen), case.state] if case.state in ENDS else list(COURSE)
    with box("ol", "steps", aria_label="State of the incident"):
        for name in course:
            here = name == case.state
            kind = f"here {tone(name)}" if here else "done" if name in seen else ""
            text(state(name), "li", kind, aria_current="step" if here else None)
