"""What an opinion may do to a diagnosis: change the order of causes that are nearly as likely, and no figure."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.root_cause import ENOUGH
from aiops.core.diagnosis import Diagnosis, RootCause, RuledOut

NEAR = 0.5
"""A cause may come first where it is at least this share as likely as the likeliest: the model decides what statistics
left open, and nothing that they are sure of."""

RIGHTS = "auth."
"""What a cure of these gives away is not for a model to choose: whoever writes a log line speaks to it, too."""


def reordered(diagnosis: Diagnosis, order: Sequence[int], model: str) -> Diagnosis:
    """The diagnosis with its causes in the order of their numbers, as far as that is allowed.

    Only causes near the likeliest change places, among themselves; where the diagnosis is certain enough to act on,
    only those on which alone one could act; a cause that is about rights never moves up. Whether there is a fault,
    whether the diagnosis abstains, and every confidence stay as statistics found them. The same diagnosis comes back
    where nothing changes.
    """
    causes = diagnosis.root_causes
    if not diagnosis.fault or sorted(order) != list(range(1, len(causes) + 1)):
        return diagnosis
    movable = [place for place, cause in enumerate(causes) if _movable(cause, diagnosis)]
    wanted = [causes[number - 1] for number in order if number - 1 in movable]
    ranked = list(causes)
    for place, cause in zip(movable, wanted, strict=True):
        ranked[place] = cause
    if ranked[0] == causes[0] or _rights_moved_up(causes, ranked):
        return diagnosis
    update = {
        "root_causes": tuple(ranked),
        "ruled_out": _ruled_out(diagnosis, ranked[0], model),
        "summary": _summary(diagnosis, ranked[0], model),
    }
    return diagnosis.model_copy(update=update)


def _movable(cause: RootCause, diagnosis: Diagnosis) -> bool:
    likeliest = max(other.confidence for other in diagnosis.root_causes)
    if cause.confidence < NEAR * likeliest or not cause.evidence:
        return False
    return diagnosis.abstained or (cause.mechanism is not None and cause.confidence >= ENOUGH)


def _rights_moved_up(causes: Sequence[RootCause], ranked: Sequence[RootCause]) -> bool:
    about = [cause for cause in causes if (cause.mechanism or "").startswith(RIGHTS)]
    return any(ranked.index(cause) < causes.index(cause) for cause in about)


def _ruled_out(diagnosis: Diagnosis, first: RootCause, model: str) -> tuple[RuledOut, ...]:
    """The new first cause is ruled out no more, the old one is, and by whom."""
    old = diagnosis.root_causes[0]
    reason = f"the model {model} finds that {first.subject} explains it better"
    ruled = RuledOut(subject=old.subject, mechanism=old.mechanism, reason=reason, evidence=old.evidence)
    same = (first.subject, first.mechanism)
    return (ruled, *(other for other in diagnosis.ruled_out if (other.subject, other.mechanism) != same))


def _summary(diagnosis: Diagnosis, first: RootCause, model: str) -> str:
    """The new first cause and who put it there; where no cause is certain enough, that stays the message."""
    missing = len(diagnosis.missing)
    gaps = f" {missing} thing{'' if missing == 1 else 's'} could not be seen." if missing else ""
    moved = f"Put first by the model {model}, before {diagnosis.root_causes[0].subject}."
    if diagnosis.abstained:
        return f"Not enough evidence to name a cause. The best guess: {first.summary} {moved}{gaps}"
    return f"{first.summary} Confidence {first.confidence:.0%}. {moved}{gaps}"
