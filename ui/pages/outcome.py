"""What stands around an answer: why a change is proposed, what it takes, what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiops.ui.dom import box, chip, heading, text
from aiops.ui.pages.evidence import cite
from aiops.ui.story import ShownProposal, Story
from aiops.ui.words import plain, subject

MARKS = {"better": ("✓", "good"), "unchanged": ("=", "warn"), "worse": ("✗", "bad")}
SAID = {
    "better": "It helped: every check says so.",
    "unchanged": "It did not help in time.",
    "worse": "It made things worse.",
    "cured": "It cured its own cause while another one stood.",
}
"""What an outcome means; `cured` goes before `unchanged`."""


def draw_why(story: Story, action: dict[str, Any], opened: Callable[[str], None]) -> None:
    """Reason, expected effect, rights and evidence of a proposal."""
    proposal = action["proposal"]
    with box("dl", "rows"):
        for name, value in (
            ("Why", plain(proposal["reason"])),
            ("Expected", plain(proposal["expected_effect"])),
            ("Rights", rights(action)),
        ):
            text(name, "dt")
            text(value, "dd")
        if proposal["evidence"]:
            text("Evidence", "dt")
            with box("dd", "cites"):
                for name in proposal["evidence"]:
                    cite(name, story.evidence.get(name), opened)


def draw_earlier(old: ShownProposal) -> None:
    """One of the proposals before the newest, in a line."""
    with box("p", "earlier"):
        chip(outcome_word(old), _tone(old))
        text(f"{plain(old.action['proposal']['tool'])} {subject(old.action['proposal']['target'])}")
        if old.actor:
            text(f"{plain(old.decision)} by {plain(old.actor, 200)}", classes="muted")
        if old.verdict is not None:
            text(_sentence(old), classes="muted")


def draw_suggestions(story: Story) -> None:
    """What a person must do where the assistant may not."""
    heading("Suggested change", "this assistant may not make it; a person must")
    for proposal in story.suggestions:
        with box("p", "what"):
            text(plain(proposal["tool"]).replace("_", " "), "strong")
            text(f" {subject(proposal['target'])}", "code")
        text(proposal["reason"], "p")
        with box("dl", "rows"):
            for name, value in proposal["arguments"].items():
                text(name, "dt")
                text(plain(value), "dd", "mono")


def rights(action: dict[str, Any]) -> str:
    """The rights that the edits take, in words."""
    needed = [
        f"{edit['op']} {edit['target']['kind']} in {edit['target']['namespace'] or 'the cluster'}"
        for edit in action["edits"]
    ]
    return plain(", ".join(dict.fromkeys(needed)))


def outcome_word(proposal: ShownProposal) -> str:
    """What became of a proposal, in a word or two."""
    if proposal.undone:
        return "Undone"
    if proposal.kept:
        return "Kept"
    if proposal.made:
        return "Made"
    return {"approved": "Approved", "denied": "Denied"}.get(proposal.decision, "Not made")


def draw_outcome(proposal: ShownProposal) -> None:
    """The decision, and what the verification says."""
    with box("p", "decided"):
        chip(outcome_word(proposal), _tone(proposal))
        if proposal.actor:
            text(f"{plain(proposal.decision)} by {plain(proposal.actor, 200)}", classes="muted")
    if proposal.verdict is None:
        return
    text(_sentence(proposal), "p", "verdict")
    with box("ul", "checks"):
        for check in proposal.verdict["checks"]:
            mark, tone = MARKS.get(check["outcome"], ("·", ""))
            with box("li"):
                text(mark, classes=f"mark {tone}", aria_label=check["outcome"])
                text(check["name"], "b")
                text(check["summary"])


def _tone(proposal: ShownProposal) -> str:
    return "good" if proposal.made and not proposal.undone else ""


def _sentence(proposal: ShownProposal) -> str:
    """What the verification says of a change that was made."""
    verdict = proposal.verdict or {}
    said = "cured" if verdict.get("cured") else str(verdict.get("outcome", ""))
    return ("Before it was undone: " if proposal.undone else "") + SAID.get(said, plain(said))
