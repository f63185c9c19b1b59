"""How suspicious a change is: how shortly before the onset it was made, and how near to what is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiops.core.changes import Change
from aiops.core.entity import Entity

LOOK_BACK = 7200.0
"""Seconds before the onset in which a change may have been made that shows only now."""

HALF_LIFE = 600.0
"""Seconds before the onset after which a change is half as suspicious: most faults show within minutes."""

SLACK = 45.0
"""Seconds by which a change may seem to follow the onset: scrapes, rate windows and clocks are no finer."""


@dataclass(frozen=True, slots=True)
class SuspectChange:
    """A change with its suspicion in 0..1, its lead before the onset in seconds (negative: after it), and its
    distance from what is broken in calls (None: not connected)."""

    change: Change
    suspicion: float
    lead: float
    distance: int | None


def rank_changes(
    changes: Sequence[Change], onset: float, distance: Callable[[Entity], int | None]
) -> list[SuspectChange]:
    """The changes made before `onset` (unix seconds), most suspicious first. Later ones cannot be a cause."""
    suspects = []
    for change in changes:
        lead = onset - change.at
        if lead < -SLACK:
            continue
        calls = distance(change.entity)
        near = 0.25 if calls is None else 1 / (1 + 0.5 * calls)
        suspects.append(SuspectChange(change, near * recency(lead), lead, calls))
    return sorted(suspects, key=lambda s: (-s.suspicion, s.lead, str(s.change.entity)))


def recency(lead: float) -> float:
    """How suspicious a change is by its lead before the onset alone (seconds), in 0..1."""
    return float(0.5 ** (max(lead, 0.0) / HALF_LIFE))
