"""The observations that speak for one mechanism at one subject: how sure they are together, of what, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiops.core.entity import Subject
from aiops.core.evidence import Evidence, Hypothesis, Source
from aiops.core.mechanism import Mechanism

EARLY = 3600.0
LATE = 150.0
"""Seconds before and after the onset outside of which an observation belongs to something else."""

CHANGED_LATER = 90.0
"""Seconds after the onset from which a change is no longer its cause: onsets are known to about a minute."""


FELT_ELSEWHERE = frozenset({Mechanism.QUEUE_CONSUMER_LAG, Mechanism.QUEUE_POISON_MESSAGE})
"""What users feel though every request is answered: what follows one is late, or never comes."""

NONSENSE = frozenset({Mechanism.APP_VERSION, Mechanism.DATA_CORRUPTION})
"""What answers without sense come from."""

LATE_WORK = 0.75
"""Score of an observation of work left undone from which users feel it."""

AT_STAKE = frozenset({Mechanism.DATA_CORRUPTION, Mechanism.STORAGE_IO_ERROR})
"""What puts data at risk before users feel anything."""

SURE = 0.75
"""Strength from which a log line's wording leaves no doubt."""

Witness = tuple[Evidence, Hypothesis]
"""An observation with that of its hypotheses which is meant here."""


@dataclass(slots=True)
class Group:
    """All observations that speak for one mechanism at one subject."""

    subject: Subject
    mechanism: Mechanism
    witnesses: list[Witness] = field(default_factory=list)


def grouped(evidence: Sequence[Evidence]) -> list[Group]:
    """All hypotheses of the evidence, by subject and mechanism, in that order."""
    groups: dict[tuple[str, Mechanism], Group] = {}
    for item in evidence:
        for hypothesis in item.suggests:
            key = (str(hypothesis.subject), hypothesis.mechanism)
            group = groups.setdefault(key, Group(hypothesis.subject, hypothesis.mechanism))
            group.witnesses.append((item, hypothesis))
    return [groups[key] for key in sorted(groups)]


def combined(witnesses: list[Witness]) -> float:
    """Noisy-or over kinds of observation: ten pods that say the same are one witness."""
    strongest: dict[Source, float] = {}
    for item, hypothesis in witnesses:
        strongest[item.source] = max(strongest.get(item.source, 0.0), hypothesis.strength)
    doubt = 1.0
    for source in sorted(strongest):
        doubt *= 1 - strongest[source]
    return 1 - doubt


def is_felt(item: Evidence) -> bool:
    """Does an observation tell of harm to users that no figure of their requests shows: answers without sense, or work
    that is not done?"""
    if item.source is Source.LOGS:
        return any(h.mechanism in NONSENSE and h.strength >= SURE for h in item.suggests)
    undone = any(hypothesis.mechanism in FELT_ELSEWHERE for hypothesis in item.suggests)
    return item.source is Source.METRICS and undone and item.score >= LATE_WORK


def is_told(witnesses: Sequence[Witness]) -> bool:
    """Does a store itself say so? What it stores is at stake, also where nobody has come to read it yet."""
    return any(
        item.source is Source.LOGS and hypothesis.mechanism in AT_STAKE and hypothesis.strength >= SURE
        for item, hypothesis in witnesses
    )


def same_field(group: Group, groups: list[Group]) -> list[Witness]:
    """Changes of the very field that the group blames, whatever mechanism the change alone would be taken for."""
    fields = [h.field for _, h in group.witnesses if h.field]
    return [
        (item, hypothesis)
        for other in groups
        if other is not group and str(other.subject) == str(group.subject)
        for item, hypothesis in other.witnesses
        if item.source == Source.CHANGES and any(overlap(hypothesis.field or "", mine) for mine in fields)
    ]


def overlap(first: str, second: str) -> bool:
    """Is one path the other, or above it?"""
    short, long = sorted((first, second), key=len)
    return not short or (long.startswith(short) and long[len(short) : len(short) + 1] in ("", ".", "["))


def timing(onset: float, group: Group) -> tuple[float, str]:
    """A cause is seen no later than its effects, and not hours before. What was seen after the change that brought it
    about is there since the change, however late the first to write of it did."""
    onsets = [item.onset for item, _ in group.witnesses if item.onset is not None and item.source != Source.CHANGES]
    if not onsets:
        made = [item.onset for item, _ in group.witnesses if item.onset is not None]
        later = bool(made) and len(made) == len(group.witnesses) and min(made) > onset + CHANGED_LATER
        return (0.3, "it was changed after the trouble had begun") if later else (1.0, "")
    changed = [item.onset for item, _ in group.witnesses if item.onset is not None and item.source is Source.CHANGES]
    since = min([*onsets, *(at for at in changed if at <= min(onsets))])
    if since > onset + LATE:
        return 0.6, "it began after the trouble did"
    if max(onsets) < onset - EARLY:
        return 0.4, "it was so long before the trouble began"
    return 1.0, ""


def leading(witnesses: list[Witness]) -> Hypothesis:
    """The hypothesis to take the field from: the strongest that names one, changes last as they name several."""
    return max(
        (pair for pair in witnesses),
        key=lambda pair: (pair[1].field is not None, pair[0].source != Source.CHANGES, pair[1].strength),
    )[1]


def wanted_value(witnesses: list[Witness], lead: Hypothesis) -> Any:
    """The value before the change where the field was changed, else what the cluster implies."""
    for item, hypothesis in witnesses:
        if item.source == Source.CHANGES and hypothesis.field == lead.field and hypothesis.wanted is not None:
            return hypothesis.wanted
    return lead.wanted
