"""What is usual at this time: of the levels that earlier times suggest, the one that fits the last hour best.

The idea of `analysis.anomaly.recycling` for levels: what recurs (a night, a weekend) was seen before, and which of the
old levels holds now is told by how it did on the most recent period. No label is looked at.
"""

from __future__ import annotations

import numpy as np

from aiops.core.telemetry import FloatArray

SLOT = 300.0
"""Seconds of a slot: the grain of what is remembered."""

DAYS = 14
PER_DAY = int(86400 / SLOT)
KEPT = DAYS * PER_DAY

RECENT = 12
"""Slots of the most recent period: an hour."""

LATE = 1
"""Slots before now that are not looked at: trouble that has just begun is not usual."""

AROUND = 3
"""Slots on both sides of the same time on another day."""

_SMALL = 1e-6


def expected(slots: FloatArray) -> tuple[float, float] | None:
    """(level, spread) to be expected of the slot after the last of `slots` (n,), the oldest first, NaN where nothing
    is known; the spread is that of the logarithm. None where the last hour and all earlier days tell nothing."""
    end = len(slots) - LATE
    recent = slots[max(end - RECENT, 0) : end]
    level = _median(recent)
    candidates = [] if level is None else [np.full(len(recent) + 1 + LATE, level)]
    candidates += _other_days(slots, len(recent))
    if not candidates:
        return None
    misfits = [_misfit(recent, candidate[: len(recent)]) for candidate in candidates]
    best = candidates[int(np.argmin(misfits))]
    last = float(best[-1])
    if not np.isfinite(last):
        return None if level is None else (level, _spread(recent, level))
    return last, _spread(recent, best[: len(recent)])


def _other_days(slots: FloatArray, recent: int) -> list[FloatArray]:
    """The course of the last hour and of now as it was a day, a week, and on the median of all days ago."""
    found = []
    length = recent + 1 + LATE
    days = [_on_day(slots, day, length) for day in range(1, DAYS)]
    known = [day for day in days if day is not None]
    if days and days[0] is not None:
        found.append(days[0])
    if len(days) > 6 and days[6] is not None:
        found.append(days[6])
    if len(known) > 1:
        stacked = np.array(known)
        some = np.isfinite(stacked).any(axis=0)
        course = np.full(length, np.nan)
        course[some] = np.nanmedian(stacked[:, some], axis=0)
        found.append(course)
    return found


def _on_day(slots: FloatArray, day: int, length: int) -> FloatArray | None:
    last = len(slots) - day * PER_DAY
    course = np.full(length, np.nan)
    for index in range(length):
        at = last - (length - 1) + index
        around = slots[max(at - AROUND, 0) : max(at + AROUND + 1, 0)]
        around = around[np.isfinite(around)]
        if at >= 0 and len(around):
            course[index] = float(np.median(around))
    return course if np.isfinite(course[-1]) else None


def _misfit(recent: FloatArray, candidate: FloatArray) -> float:
    distances = np.abs(np.log((recent + _SMALL) / (candidate + _SMALL)))
    known = distances[np.isfinite(distances)]
    return float(np.median(known)) if len(known) else np.inf


def _spread(recent: FloatArray, level: FloatArray | float) -> float:
    distances = np.abs(np.log((recent + _SMALL) / (level + _SMALL)))
    known = distances[np.isfinite(distances)]
    return float(1.4826 * np.median(known)) if len(known) else 0.0


def _median(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
