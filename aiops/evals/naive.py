"""What anybody would try first: the entity with the largest deviation from the mean, in standard deviations."""

from __future__ import annotations

import numpy as np

from aiops.analysis.rootcause.from_recordings.levels import mean_rows
from aiops.analysis.rootcause.from_recordings.panel import panel
from aiops.analysis.rootcause.from_recordings.recording import Recording
from aiops.core.telemetry import FloatArray
from aiops.evals.scoring import Ranked


def largest_deviation(case: Recording) -> list[int]:
    """Entities by their largest deviation since the onset or the end of the baseline. Without topology, onset search
    or robust statistics."""
    largest = np.zeros(len(case.entities))
    seen = panel(case.samples) if case.samples is not None else None
    since = case.baseline_end if case.baseline_end is not None else case.onset
    if seen is not None and since is not None:
        old = seen.times < since
        mean = _means(seen.values[old])
        spread = np.sqrt(_means((seen.values[old] - mean) ** 2))
        z = np.abs(_means(seen.values[~old]) - mean) / np.maximum(spread, 1e-9)
        np.maximum.at(largest, seen.entity, np.nan_to_num(z))
    return sorted(range(len(largest)), key=lambda entity: -largest[entity])


def naive_place(case: Recording, root: str) -> Ranked:
    """Where the true cause comes in that order; behind all others where it was not recorded."""
    order = [case.entities[entity] for entity in largest_deviation(case)]
    return Ranked(order.index(root) + 1 if root in order else len(order) + 1, len(order), 0.0)


def _means(values: FloatArray) -> FloatArray:
    return mean_rows(values, np.ones(len(values)))
