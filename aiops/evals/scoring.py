"""Figures of rankings: how often the true cause comes first, how well confidences hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiops.analysis.rootcause.from_recordings.localize import Localization
from aiops.analysis.rootcause.from_recordings.recording import Recording

BINS = 5
PLACES = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One case that was ranked: the place of the true cause (1 is first), out of how many, the confidence in the first,
    and whether a fault was seen."""

    place: int
    of: int
    confidence: float
    fault: bool = True


def place_of(case: Recording, found: Localization, root: str) -> Ranked:
    """Where the true cause came in a ranking; behind all others where it was not recorded."""
    names = [case.entities[suspect.entity] for suspect in found.suspects]
    place = names.index(root) + 1 if root in names else len(names) + 1
    return Ranked(place, len(names), found.suspects[0].score, found.fault)


def top(ranked: Sequence[Ranked]) -> dict[str, float]:
    """`top1`, `top3`, `top5`, the mean of the first five (`avg5`), `detected`, and the number of `cases`."""
    places = np.array([each.place for each in ranked])
    shares = {f"top{k}": _share(places <= k) for k in PLACES}
    average = float(np.mean([_share(places <= k) for k in range(1, 6)]))
    return {
        **shares,
        "avg5": round(average, 4),
        "detected": _share(np.array([each.fault for each in ranked])),
        "cases": len(ranked),
    }


def by_chance(ranked: Sequence[Ranked]) -> dict[str, float]:
    """What a random order of the same entities is expected to reach."""
    sizes = np.array([each.of for each in ranked], dtype=float)
    return {f"top{k}": round(float(np.mean(np.minimum(k / sizes, 1.0))), 4) for k in PLACES}


def calibration_error(ranked: Sequence[Ranked]) -> float:
    """Expected calibration error of the confidences in the first place, in `BINS` bins of equal width."""
    confidence = np.array([each.confidence for each in ranked])
    right = np.array([each.place == 1 for each in ranked])
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    error = sum(
        np.mean(bins == b) * abs(float(np.mean(right[bins == b])) - float(np.mean(confidence[bins == b])))
        for b in range(BINS)
        if np.any(bins == b)
    )
    return round(float(error), 4)


def _share(hits: np.ndarray) -> float:
    return round(float(np.mean(hits)), 4) if len(hits) else 0.0
