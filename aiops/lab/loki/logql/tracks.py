"""Series on a grid of steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.loki.logql.ast import Grouping

Labels = tuple[tuple[str, str], ...]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Track:
    """A series on the grid: `values` and where it is `there`, both of shape (steps,)."""

    labels: Labels
    values: FloatArray
    there: BoolArray


def tracks_of(found: list[Track] | float, steps: FloatArray) -> list[Track]:
    """What is the same everywhere as a series without labels."""
    if isinstance(found, list):
        return found
    return [Track((), np.full(len(steps), found), np.ones(len(steps), dtype=bool))]


def grouped(labels: Labels, grouping: Grouping | None) -> Labels:
    """The labels that a group's series has."""
    if grouping is None:
        return ()
    names = set(grouping.labels)
    return tuple(pair for pair in labels if (pair[0] in names) != grouping.without)
