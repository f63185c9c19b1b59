"""An order of entities that does not depend on what they are called, nor on the order in which they were recorded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiops.core.telemetry import FloatArray

DIGITS = 9
"""Scores that agree to so many digits are equal: sums in another order differ beyond."""

ROUNDS = 3


def ordered(score: FloatArray, traits: FloatArray, calls: Sequence[tuple[int, int]]) -> list[int]:
    """Entities by falling `score` (m,); ties by their `traits` (m, t), and by the traits of whom they call and who
    calls them (colour refinement: Weisfeiler and Leman, 1968). What is left equal by all of these keeps its order."""
    kept = np.round(np.column_stack([-score, traits]), DIGITS) + 0.0  # no minus zero
    colour = _numbered([tuple(row) for row in kept.tolist()])
    for _ in range(ROUNDS):
        around: list[tuple[list[int], list[int]]] = [([], []) for _ in colour]
        for caller, callee in calls:
            around[caller][0].append(colour[callee])
            around[callee][1].append(colour[caller])
        colour = _numbered([(own, sorted(down), sorted(up)) for own, (down, up) in zip(colour, around, strict=True)])
    return sorted(range(len(colour)), key=lambda entity: colour[entity])


def _numbered(keys: list[tuple[object, ...]]) -> list[int]:
    """The rank of each key among all different ones."""
    ranks = {repr(key): rank for rank, key in enumerate(sorted(keys))}
    return [ranks[repr(key)] for key in keys]
