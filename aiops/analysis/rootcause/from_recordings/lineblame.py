"""Whose log says that something is wrong: templates that are new, more frequent or gone since the trouble began."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from aiops.analysis.logs.compare import MIN_Z, TemplateChange, compare
from aiops.analysis.logs.signatures import is_trouble
from aiops.analysis.logs.templates import parse
from aiops.analysis.rootcause.from_recordings.recording import Lines
from aiops.core.telemetry import FloatArray

HALF = 10.0
"""Standard deviations of a count that score one half."""

PLAIN = 0.3
"""Weight of a template that speaks of no trouble: other work is done, which may be a consequence."""

GONE = 0.5
"""Weight of a template that is no longer written."""


@dataclass(frozen=True, slots=True)
class LineBlame:
    """`score` (m,) in 0..1 of each entity, and the change of a template that speaks most of it, where one does."""

    score: FloatArray
    leading: dict[int, TemplateChange]


def line_blame(lines: Lines, since: float, before: float, count: int) -> LineBlame | None:
    """How the lines of each of `count` entities from `since` on differ from those before `before` (unix seconds).

    None where one of the two times has no lines.
    """
    old, new = lines.time < before, lines.time >= since
    if not old.any() or not new.any():
        return None
    parsed = parse(lines.message)
    old_seconds = max(float(before - lines.time.min()), 1.0)
    new_seconds = max(float(lines.time.max() - since), 1.0)
    counts = [_counts(lines.entity[rows], parsed.assignment[rows], len(parsed.templates)) for rows in (old, new)]
    weights = [1.0 if is_trouble(template) else PLAIN for template in parsed.templates]
    weight = dict(zip(parsed.templates, weights, strict=True))
    score, leading = np.zeros(count), {}
    for entity in sorted(counts[0].keys() | counts[1].keys()):
        named = [{parsed.templates[t]: n for t, n in each[entity].items()} for each in counts]
        changes = compare(named[0], old_seconds, named[1], new_seconds)
        best = max(changes, key=lambda c: (_surprise(c, weight), c.template), default=None)
        if best is not None:
            size = _surprise(best, weight)
            score[entity] = size / (size + HALF)
            leading[entity] = best
    return LineBlame(score, leading)


def _surprise(change: TemplateChange, weight: dict[str, float]) -> float:
    """Standard deviations of a template's count, by what it says; few lines are few, however new."""
    if abs(change.z) < MIN_Z:
        return 0.0
    if change.kind in ("vanished", "less"):
        return GONE * PLAIN * abs(change.z)
    return weight[change.template] * abs(change.z)


def _counts(entity: np.ndarray, template: np.ndarray, templates: int) -> dict[int, dict[int, int]]:
    """Entity -> template -> number of lines."""
    keys, times = np.unique(entity * templates + template, return_counts=True)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for key, number in zip(keys.tolist(), times.tolist(), strict=True):
        found[key // templates][key % templates] = number
    return found
