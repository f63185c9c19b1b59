"""What changes, events and objects say of single entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiops.analysis.changes.suspicion import SLACK, recency
from aiops.analysis.rootcause.from_recordings.recording import RecordedChange, RecordedEvent, Recording
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import run_all
from aiops.core.entity import ends
from aiops.core.mechanism import Mechanism
from aiops.core.redaction import names_credential, redact_text

BEFORE = 300.0
"""Seconds before the trouble from which an event may belong to it: a cause is seen no later than its effects."""

WARNING = 0.4
"""What any warning says, in 0..1; those of `REASONS` say more."""

REASONS: dict[str, tuple[float, Mechanism | None]] = {
    "OOMKilling": (0.9, Mechanism.RESOURCE_MEMORY_LIMIT),
    "OOMKilled": (0.9, Mechanism.RESOURCE_MEMORY_LIMIT),
    "FailedScheduling": (0.8, None),
    "ErrImagePull": (0.9, Mechanism.IMAGE_UNAVAILABLE),
    "ImagePullBackOff": (0.9, Mechanism.IMAGE_UNAVAILABLE),
    "FailedMount": (0.7, None),
    "CreateContainerConfigError": (0.9, Mechanism.CONFIG_MISSING_KEY),
    "BackOff": (0.6, None),
    "Evicted": (0.7, None),
    "NodeNotReady": (0.7, None),
}
"""Reasons that kubelets, schedulers and node controllers write: how much they say, and of which mechanism."""

CHANGED = 0.5
"""What a change right before the trouble says: most changes break nothing."""


@dataclass(frozen=True, slots=True)
class Hint:
    """`strength` in 0..1 that `entity` (its number) has to do with the trouble; `text` says why."""

    entity: int
    strength: float
    text: str
    mechanism: Mechanism | None = None


def hints(recording: Recording, since: float) -> list[Hint]:
    """All hints of a recording to trouble that began at `since` (unix seconds), in the order recorded."""
    found = [_change(change, since) for change in recording.changes]
    found += _events(recording.events, since)
    return [hint for hint in [*found, *_objects(recording, since)] if hint.strength > 0]


def _change(change: RecordedChange, since: float) -> Hint:
    lead = since - change.time
    strength = CHANGED * recency(lead) if lead >= -SLACK else 0.0
    minutes = f"{abs(lead) / 60:.0f} min {'before' if lead >= 0 else 'after'} the start"
    secret = names_credential(change.field)
    values = "" if secret else redact_text(f" from {change.old!r} to {change.new!r}")
    return Hint(change.entity, strength, f"{change.field} changed{values}, {minutes}")


def _events(events: Sequence[RecordedEvent], since: float) -> list[Hint]:
    """Warnings of the time of the trouble, but for those that came before as well."""
    usual = {(event.entity, event.reason) for event in events if event.time < since - BEFORE}
    found = []
    for event in events:
        if event.type == "Warning" and event.time >= since - BEFORE and (event.entity, event.reason) not in usual:
            strength, mechanism = REASONS.get(event.reason, (WARNING, None))
            found.append(Hint(event.entity, strength, f"event {event.reason}: {redact_text(event.message)}", mechanism))
    return found


def _objects(recording: Recording, since: float) -> list[Hint]:
    """What the checks of Kubernetes objects find, about the entities that bear the objects' names."""
    if not recording.objects:
        return []
    by_name: dict[str, list[int]] = {}
    for number, name in enumerate(recording.entities):
        for part in {name, name.split("/")[0], name.split("/")[-1]}:
            by_name.setdefault(part, []).append(number)
    found = []
    for check, finding in run_all(ClusterState(recording.objects, since)):
        mechanism = max(finding.suggests, key=lambda h: h.strength, default=None)
        for end in ends(finding.subject):
            for number in by_name.get(str(end), by_name.get(end.name, [])):
                text = f"{check}: {finding.summary}"
                found.append(Hint(number, finding.score, text, mechanism.mechanism if mechanism else None))
    return found
