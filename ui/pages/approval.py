"""The proposed change and the answer to it; what became of it; and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from aiops.core.errors import AiopsError, ServiceError
from aiops.core.incident import FINAL, State
from aiops.ui import diff
from aiops.ui.dom import box, button, chip, notice, text
from aiops.ui.frame import Backend
from aiops.ui.pages.outcome import draw_earlier, draw_outcome, draw_suggestions, draw_why
from aiops.ui.parts import Field
from aiops.ui.story import ShownProposal, Story
from aiops.ui.words import plain, subject

RISKS = {
    "low": ("Low risk", "good", "nothing restarts"),
    "medium": ("Medium risk", "warn", "pods may restart"),
    "high": ("High risk", "bad", "users may notice"),
}
LONGEST_REASON = 2000


class Answering:
    """The card of the newest proposal. Each press sends once; what is not known to have arrived can be pressed again,
    because the server takes an answer to one approval once."""

    def __init__(self, backend: Backend, story: Story, opened: Callable[[str], None]) -> None:
        self._backend = backend
        self._story = story
        self._opened = opened
        self._busy = False
        self._taken: set[str] = set()  # answered for good: the second half of a double click may come late
        self._open: str = ""  # which field for a reason is open: "denied" or "undo"
        self._card: Element = box("section", "card approval", aria_label="Proposed change", id="approval")
        self._status: Element | None = None
        self._reason: Field | None = None
        self._buttons: list[Element] = []
        self.refresh()

    def refresh(self) -> None:
        self._card.clear()
        self._buttons, self._reason, self._open = [], None, ""
        proposal = self._story.proposals[-1] if self._story.proposals else None
        self._card.set_visibility(bool(proposal or self._story.suggestions))
        with self._card:
            if proposal is not None:
                self._proposal(proposal)
            elif self._story.suggestions:
                draw_suggestions(self._story)

    def _proposal(self, proposal: ShownProposal) -> None:
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
        with box("div", "answer"):
            if waiting:
                self._ask(proposal)
            else:
                draw_outcome(proposal)
                self._taking_back(proposal)
            self._status = box("div", "status")
            self._form = box("div", "form")
        draw_why(self._story, action, self._opened)
        draw_earlier(self._story)

    def _ask(self, proposal: ShownProposal) -> None:
        with box("div", "buttons"):
            self._buttons = [
                button("Approve", lambda: self._decide(proposal, "approved"), "primary"),
                button("Deny …", lambda: self._toggle(proposal, "denied"), ""),
            ]

    def _taking_back(self, proposal: ShownProposal) -> None:
        if not proposal.made or proposal.undone:
            return
        if self._story.state in FINAL:
            with box("div", "buttons"):
                self._buttons = [button("Undo this change …", lambda: self._toggle(proposal, "undo"), "")]
        elif self._story.state == State.VERIFYING:
            text("If it does not help, it is taken back by itself.", "p", "muted")

    def _toggle(self, proposal: ShownProposal, what: str) -> None:
        """Open the field for a reason, or close it."""
        self._form.clear()
        self._open = "" if self._open == what else what
        if not self._open:
            return
        asked = "Why not? The next proposal takes it into account." if what == "denied" else "Why is it taken back?"
        with self._form:
            form = box("form", "reason")
            form.on("submit.prevent", lambda _: self._send(proposal, what), args=[])
            with form:
                label = f"Reason ({'for the record' if what == 'undo' else 'optional'})"
                self._reason = Field(label, hint=asked, lines=2, focused=True, longest=LONGEST_REASON)
                with box("div", "buttons"):
                    said = "Deny it" if what == "denied" else "Take it back"
                    send = text(said, "button", "button danger", type="submit")
                    self._buttons.append(send)
                    button("Cancel", lambda: self._toggle(proposal, what))

    async def _send(self, proposal: ShownProposal, what: str) -> None:
        await (self._decide(proposal, "denied") if what == "denied" else self._undo(proposal))

    async def _decide(self, proposal: ShownProposal, decision: str) -> None:
        reason = self._reason.value if self._reason and decision == "denied" else ""
        body = {"decision": decision, "digest": proposal.digest, "actor": self._backend.actor, "reason": reason}
        sent = "Approved. The change is being made." if decision == "approved" else "Denied. Looking for another way."
        await self._post(f"/api/approvals/{proposal.approval}", body, sent)

    async def _undo(self, proposal: ShownProposal) -> None:
        body = {"actor": self._backend.actor, "reason": self._reason.value if self._reason else ""}
        await self._post(f"/api/actions/{proposal.action['id']}/undo", body, "Taken back.")

    async def _post(self, path: str, body: dict[str, Any], sent: str) -> None:
        """Send one answer; a second press does nothing unless the first may have been lost."""
        if self._busy or path in self._taken:
            return
        self._busy = True
        self._enable(False)
        self._say("Sending …")
        try:
            await self._backend.api.request("POST", path, body)
        except ServiceError as error:
            if error.status < 500:
                self._say(f"Not taken: {error}", "warn")  # answered already, overtaken or not possible now
                if path.endswith("/undo"):
                    self._enable(True)  # what forbids it now may pass
                else:
                    self._taken.add(path)
            else:
                self._lost(error)
        except AiopsError as error:
            self._lost(error)
        else:
            self._taken.add(path)
            self._form.clear()
            self._say(sent, "good")
        finally:
            self._busy = False

    def _lost(self, error: AiopsError) -> None:
        self._say(f"It is not known whether this arrived ({error}). Press again; it counts once.", "bad")
        self._enable(True)

    def _enable(self, on: bool) -> None:
        for element in self._buttons:
            if not element.is_deleted:
                element.props["disabled"] = not on

    def _say(self, said: str, tone: str = "") -> None:
        if self._status is None or self._status.is_deleted:
            return
        self._status.clear()
        with self._status:
            notice(said, tone)
