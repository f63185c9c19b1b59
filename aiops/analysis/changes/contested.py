"""Fields that one writer puts back again and again, whatever others write there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiops.core.changes import Change
from aiops.core.entity import Entity

AT_ONCE = 600.0
"""Seconds within which a controller puts back what it does not want: most resynchronise in minutes."""


@dataclass(frozen=True, slots=True)
class Contest:
    """`writer` (a field manager) took back what others wrote to `paths` of `entity`, `times` times, first at `since`
    (unix seconds)."""

    entity: Entity
    writer: str
    paths: tuple[str, ...]
    times: int
    since: float


def contests(changes: Sequence[Change]) -> list[Contest]:
    """Every object that somebody else than its author put back at once, the most often first.

    Taking a change back is what a person does once; so the writer must have no other writes there but these."""
    found: dict[tuple[Entity, str], list[tuple[float, set[str]]]] = {}
    last: dict[tuple[Entity, str], tuple[Change, object]] = {}
    strangers: set[tuple[Entity, str]] = set()
    for change in sorted(changes, key=lambda one: one.at):
        back: set[str] = set()
        for field in change.fields:
            key = (change.entity, field.path)
            before = last.get(key)
            if before and before[0].actor != change.actor and change.at - before[0].at <= AT_ONCE:
                back |= {field.path} if before[1] == field.new else set()
            last[key] = (change, field.old)
        if back:
            found.setdefault((change.entity, change.actor), []).append((change.at, back))
        elif change.verb == "updated":
            strangers.add((change.entity, change.actor))
    made = [_contest(*key, times) for key, times in found.items() if key not in strangers and key[1]]
    return sorted(made, key=lambda one: (-one.times, one.since, str(one.entity)))


def _contest(entity: Entity, writer: str, times: list[tuple[float, set[str]]]) -> Contest:
    paths = sorted(set().union(*(paths for _, paths in times)))
    return Contest(entity, writer, tuple(paths), len(times), times[0][0])
