"""The explanations in their order, what was ruled out, and what could not be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.ui.dom import box, heading, text
from aiops.ui.pages.evidence import cite
from aiops.ui.pages.hero import sentence
from aiops.ui.story import Story
from aiops.ui.words import percent, plain, subject

MOST_CAUSES = 5


def draw(story: Story, opened: Callable[[str], None]) -> None:
    """`opened` is told the id of an evidence when somebody goes there."""
    diagnosis = story.diagnosis
    if diagnosis is None:
        heading("Root cause")
        text("Still looking: causes are ranked when all specialists are done.", "p", "muted")
        return
    causes = diagnosis["root_causes"][:MOST_CAUSES]
    if story.abstained or not diagnosis["fault"]:
        heading("Possible causes", "not certain enough to act on" if diagnosis["fault"] else "no fault was found")
    else:
        heading("Root causes" if len(causes) > 1 else "Root cause")
    if not causes:
        text(diagnosis["summary"], "p")
    with box("ol", "causes"):
        for cause in causes:
            with box("li"):
                _cause(story, cause, opened)
    _gaps(diagnosis)


def _cause(story: Story, cause: dict[str, Any], opened: Callable[[str], None]) -> None:
    with box("div", "bar-row"):
        text(percent(cause["confidence"]), classes="sure")
        box("meter", "", min=0, max=1, value=cause["confidence"], aria_label="confidence")
    with box("div", "cause"):
        text(sentence(cause), "p")
        with box("p", "cites"):
            text(plain(cause["mechanism"] or "mechanism not known"), "code")
            for name in cause["evidence"]:
                cite(name, story.evidence.get(name), opened)


def _gaps(diagnosis: dict[str, Any]) -> None:
    if diagnosis["ruled_out"]:
        with box("details", "more"):
            text(f"Ruled out ({len(diagnosis['ruled_out'])})", "summary")
            with box("ul"):
                for other in diagnosis["ruled_out"]:
                    with box("li"):
                        text(subject(other["subject"]), "b")
                        text(f" {plain(other['reason'])}")
    if diagnosis["missing"]:
        with box("details", "more", open=True):
            text(f"Could not be seen ({len(diagnosis['missing'])})", "summary")
            with box("ul"):
                for gap in diagnosis["missing"]:
                    text(gap, "li")
