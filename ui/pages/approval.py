"""The proposed changes and the answers to them; what became of each; and how each that was made is undone."""

from __future__ import annotations

from collections.abc import Callable

from nicegui.element import Element

from aiops.core.incident import FINAL, State
from aiops.ui import diff
from aiops.ui.dom import box, chip, text
from aiops.ui.frame import Backend
from aiops.ui.pages.answering import Place, Question, Sender
from aiops.ui.pages.outcome import draw_earlier, draw_outcome, draw_suggestions, draw_why
from aiops.ui.story import ShownProposal, Story
from aiops.ui.words import plain, subject

RISKS = {
    "low": ("Low risk", "good", "nothing restarts"),
    "medium": ("Medium risk", "warn", "pods may restart"),
    "high": ("High risk", "bad", "users may notice"),
}
WHY_NOT = Question("Reason (optional)", "Why not? The next proposal takes it into account.", "Deny it")
WHY_UNDO = Question("Reason (for the record)", "Why is it undone?", "Undo it")


class Answering:
    """The card of the proposals: the newest in full, the earlier ones below it."""

    def __init__(self, backend: Backend, story: Story, opened: Callable[[str], None]) -> None:
        self._backend = backend
        self._story = story
        self._opened = opened
        self._sender = Sender(backend.api)
        self._card: Element = box("section", "card approval", aria_label="Proposed change", id="approval")
        self.refresh()

    def refresh(self) -> None:
        self._card.clear()
        proposals = self._story.proposals
        self._card.set_visibility(bool(proposals or self._story.suggestions))
        with self._card:
            if not proposals:
                draw_suggestions(self._story)
                return
            self._newest(proposals[-1])
            for earlier in proposals[-2::-1]:
                draw_earlier(earlier)
                self._offer_undo(earlier)

    def _newest(self, proposal: ShownProposal) -> None:
        action, waiting = proposal.action, self._story.waiting is proposal
        with box("div", "heading"):
            text("Proposed change" if waiting else "Change", "h2")
            label, tone, note = RISKS.get(action["risk"], (plain(action["risk"]), "", ""))
            chip(label, tone, title=note)
            if note:
                text(note, classes="muted")
        with box("p", "what"):
            text(plain(action["proposal"]["tool"]).replace("_", " "), "strong")
            text(f" {subject(action['proposal']['target'])}", "code")
        diff.draw(action["diff"])
        if waiting:
            self._ask(proposal)
        else:
            with box("div", "answer"):
                draw_outcome(proposal)
                if proposal.made and not proposal.undone and self._story.state == State.VERIFYING:
                    text("If it does not help, it is undone by itself.", "p", "muted")
            self._offer_undo(proposal)
        draw_why(self._story, action, self._opened)

    def _ask(self, proposal: ShownProposal) -> None:
        with box("div", "answer"):
            place = Place()

        async def approve() -> None:
            await self._decide(place, proposal, "approved", "", "Approved. The change is being made.")

        async def deny(reason: str) -> None:
            await self._decide(place, proposal, "denied", reason, "Denied. Looking for another way.")

        place.offer("Approve", approve, "primary")
        place.offer("Deny …", lambda: place.ask(WHY_NOT, deny))

    def _offer_undo(self, proposal: ShownProposal) -> None:
        """A change that stands can be undone once nothing is worked on any more."""
        if not proposal.made or proposal.undone or self._story.state not in FINAL:
            return
        with box("div", "answer"):
            place = Place()

        async def undo(reason: str) -> None:
            body = {"actor": self._backend.actor, "reason": reason}
            path = f"/api/actions/{proposal.action['id']}/undo"
            await self._sender.send(place, path, body, "Undone.", final=False)

        place.offer("Undo …", lambda: place.ask(WHY_UNDO, undo))

    async def _decide(self, place: Place, proposal: ShownProposal, decision: str, reason: str, sent: str) -> None:
        body = {"decision": decision, "digest": proposal.digest, "actor": self._backend.actor, "reason": reason}
        await self._sender.send(place, f"/api/approvals/{proposal.approval}", body, sent, final=True)
