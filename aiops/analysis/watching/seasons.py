"""What is usual at this time: of the levels that earlier times suggest, the one that fits the last hour best.

The idea of `analysis.anomaly.recycling` for levels: what recurs (a night, a weekend) was seen before, and which of the
old levels holds now is told by how it did on the most recent period. No label is looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aiops.analysis.anomaly.deviation import MAD_OF_NORMAL
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
    days = _courses(slots, recent + 1 + LATE)
    known = np.isfinite(days[:, -1])
    found = [days[day - 1] for day in (1, 7) if day <= len(days) and known[day - 1]]
    if known.sum() > 1:
        found.append(_medians(days[known].T))
    return found


def _courses(slots: FloatArray, length: int) -> FloatArray:
    """(days, length): the slots of each earlier day up to this time, each the median of those around it; NaN where
    nothing is known. Only days of which something is remembered are there."""
    first = int(np.argmax(np.isfinite(slots))) if np.isfinite(slots).any() else len(slots)
    days = min((len(slots) - first + AROUND) // PER_DAY, DAYS - 1)
    padding = np.full(AROUND, np.nan)
    around = sliding_window_view(np.concatenate([padding, slots, padding]), 2 * AROUND + 1)
    last = len(slots) - PER_DAY * np.arange(1, days + 1)
    wanted = last[:, None] + np.arange(1 - length, 1)[None, :]
    courses = _medians(around[np.maximum(wanted, 0)])
    courses[wanted < 0] = np.nan
    return courses


def _medians(values: FloatArray) -> FloatArray:
    """The median along the last axis of what is known there; NaN where nothing is."""
    count = np.isfinite(values).sum(axis=-1)
    ordered = np.sort(np.where(np.isfinite(values), values, np.inf), axis=-1)
    lower = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[..., None], axis=-1)[..., 0]
    upper = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[-1] - 1)[..., None], axis=-1)[..., 0]
    return np.where(count > 0, 0.5 * (lower + upper), np.nan)


def _misfit(recent: FloatArray, candidate: FloatArray) -> float:
    distances = np.abs(np.log((recent + _SMALL) / (candidate + _SMALL)))
    known = distances[np.isfinite(distances)]
    return float(np.median(known)) if len(known) else np.inf


def _spread(recent: FloatArray, level: FloatArray | float) -> float:
    distances = np.abs(np.log((recent + _SMALL) / (level + _SMALL)))
    known = distances[np.isfinite(distances)]
    return float(MAD_OF_NORMAL * np.median(known)) if len(known) else 0.0


def _median(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
