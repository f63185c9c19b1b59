"""An incident as its page shows it, folded from its timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiops.core.incident import State

Event = dict[str, Any]


@dataclass(slots=True)
class ShownProposal:
    """A change that was put to people. `decision` is empty while nobody has answered; `kept`: it stays because it cured
    its cause, though another one stood."""

    approval: str
    digest: str
    action: dict[str, Any]
    at: float
    decision: str = ""
    actor: str = ""
    made: bool = False
    undone: bool = False
    kept: bool = False
    verdict: dict[str, Any] | None = None


@dataclass(slots=True)
class Story:
    """What is known of an incident after the events so far; `seq` is the number of the last one."""

    seq: int = 0
    state: str = State.OPEN
    states: list[tuple[str, float]] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    diagnosis: dict[str, Any] | None = None
    diagnoses: int = 0
    suggestions: list[dict[str, Any]] = field(default_factory=list)
    proposals: list[ShownProposal] = field(default_factory=list)
    report: str = ""
    because: str = ""

    @property
    def cause(self) -> dict[str, Any] | None:
        """The best explanation, where a fault was found."""
        if self.diagnosis is None or not self.diagnosis["fault"]:
            return None
        causes: list[dict[str, Any]] = self.diagnosis["root_causes"]
        return causes[0] if causes else None

    @property
    def abstained(self) -> bool:
        """Whether the causes are guesses that nobody should act on."""
        return self.diagnosis is not None and bool(self.diagnosis["abstained"])

    @property
    def waiting(self) -> ShownProposal | None:
        """The proposal that a person must answer now."""
        last = self.proposals[-1] if self.proposals else None
        return last if last and not last.decision and self.state == State.AWAITING_APPROVAL else None

    @property
    def since(self) -> float | None:
        """When the trouble began: as diagnosed, else when the first alert did."""
        onset = self.diagnosis["onset"] if self.diagnosis else None
        return onset if onset is not None else min((s["starts_at"] for s in self.signals), default=None)

    def add(self, event: Event) -> bool:
        """Take the next event in. False where it is known already, as after a reconnect."""
        if event["seq"] <= self.seq:
            return False
        self.seq = event["seq"]
        reader = _READERS.get(event["kind"])
        if reader is not None:
            reader(self, event, event["data"])
        return True

    def proposal_of(self, action_id: str) -> ShownProposal | None:
        return next((p for p in self.proposals if p.action["id"] == action_id), None)


def _transition(story: Story, event: Event, data: dict[str, Any]) -> None:
    story.state = data["to"]
    story.states.append((data["to"], event["at"]))
    story.because = event["text"]


def _signal(story: Story, _: Event, data: dict[str, Any]) -> None:
    story.signals.append(data)


def _evidence(story: Story, _: Event, data: dict[str, Any]) -> None:
    story.evidence[data["id"]] = data


def _diagnosis(story: Story, _: Event, data: dict[str, Any]) -> None:
    story.diagnosis = data
    story.diagnoses += 1


def _suggestion(story: Story, _: Event, data: dict[str, Any]) -> None:
    story.suggestions.append(data)


def _proposal(story: Story, event: Event, data: dict[str, Any]) -> None:
    story.proposals.append(ShownProposal(data["approval"], data["digest"], data["action"], event["at"]))


def _decision(story: Story, event: Event, data: dict[str, Any]) -> None:
    for proposal in story.proposals:
        if proposal.approval == data["approval"]:
            proposal.decision, proposal.actor = data["decision"], event["actor"]


def _change(story: Story, _: Event, data: dict[str, Any]) -> None:
    proposal = story.proposal_of(data["action"])
    if proposal is not None:
        proposal.made, proposal.undone = True, data["undone"]


def _verification(story: Story, _: Event, data: dict[str, Any]) -> None:
    made = [proposal for proposal in story.proposals if proposal.made]
    if made:
        made[-1].verdict = data


def _note(story: Story, _: Event, data: dict[str, Any]) -> None:
    proposal = story.proposal_of(data["kept"]) if "kept" in data else None
    if proposal is not None:
        proposal.kept = True


def _report(story: Story, event: Event, _: dict[str, Any]) -> None:
    story.report = event["text"]


_READERS = {
    "transition": _transition,
    "signal": _signal,
    "evidence": _evidence,
    "diagnosis": _diagnosis,
    "suggestion": _suggestion,
    "proposal": _proposal,
    "decision": _decision,
    "change": _change,
    "verification": _verification,
    "note": _note,
    "report": _report,
}
