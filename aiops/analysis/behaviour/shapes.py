"""Forms that a course takes: a steady climb, a saw-tooth."""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray, Series

FIT = 0.8
"""Share of its variance that a straight line has to explain, for a course to be a steady climb."""

LEAST_SAMPLES = 5

DROP = 0.35
"""Share of its height that a course loses at once where a process began anew."""

GROWTH = 0.25
"""Share of its height by which a course grows, to be a climb."""


def climbs(series: Series, since: float) -> bool:
    """Does the newest unbroken part of a course rise steadily from `since` (unix seconds) on?"""
    values = _newest(_since(series, since))
    return _is_climb(values)


def saw_tooth(series: Series, since: float) -> int:
    """How often a course climbed and fell back since a moment."""
    values = _since(series, since)
    cuts = _falls(values)
    parts = np.split(values, cuts)
    return sum(1 for part in parts[:-1] if _grows(part))


def _since(series: Series, since: float) -> FloatArray:
    keep = (series.times >= since) & np.isfinite(series.values)
    return np.asarray(series.values[keep], dtype=float)


def _falls(values: FloatArray) -> list[int]:
    """Where each part begins after a fall."""
    return [int(place) + 1 for place in np.flatnonzero(values[1:] < (1 - DROP) * values[:-1])]


def _newest(values: FloatArray) -> FloatArray:
    cuts = _falls(values)
    return values[cuts[-1] :] if len(cuts) and len(values) - cuts[-1] >= LEAST_SAMPLES else values


def _grows(values: FloatArray) -> bool:
    return len(values) >= 2 and float(values.max() - values.min()) >= GROWTH * float(values.max()) > 0


def _is_climb(values: FloatArray) -> bool:
    if len(values) < LEAST_SAMPLES or not _grows(values):
        return False
    times = np.arange(len(values), dtype=float)
    if float(np.std(values)) <= 0:
        return False
    fit = float(np.corrcoef(times, values)[0, 1])
    return fit > 0 and fit**2 >= FIT
