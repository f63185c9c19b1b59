"""Autoscalers that go up and down without end, as the recorded numbers of replicas tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from aiops.analysis.changes.attribution import CONTROLLERS
from aiops.core.changes import Change
from aiops.core.entity import Entity

TURNS = 3
"""Changes of direction from which it is no rise and fall of the load any more."""

QUICK = 600.0
"""Seconds between two steps: a load that comes and goes more slowly is followed, not overshot."""


@dataclass(frozen=True, slots=True)
class Swing:
    """The numbers of replicas that an autoscaler gave `entity`, one after the other, since `since` (unix seconds)."""

    entity: Entity
    numbers: tuple[int, ...]
    since: float


def swings(changes: Sequence[Change]) -> list[Swing]:
    """Every workload whose replicas the control plane turned up and down at least three times in quick steps."""
    steps: dict[Entity, list[tuple[float, int, int]]] = {}
    for change in sorted(changes, key=lambda one: one.at):
        for field in change.fields if change.actor == CONTROLLERS else ():
            if field.path == "spec.replicas" and isinstance(field.old, int) and isinstance(field.new, int):
                steps.setdefault(change.entity, []).append((change.at, field.old, field.new))
    found = []
    for entity, taken in steps.items():
        quick = _quick(taken)
        ups = [new > old for _, old, new in quick]
        if sum(one != two for one, two in pairwise(ups)) >= TURNS:
            numbers = (quick[0][1], *(new for _, _, new in quick))
            found.append(Swing(entity, numbers, quick[0][0]))
    return sorted(found, key=lambda swing: (swing.since, str(swing.entity)))


def _quick(taken: list[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """The last run of steps that follow each other quickly."""
    run: list[tuple[float, int, int]] = []
    for step in taken:
        if run and step[0] - run[-1][0] > QUICK:
            run = []
        run.append(step)
    return run
