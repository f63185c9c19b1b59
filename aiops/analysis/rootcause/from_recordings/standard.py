"""How far every sample stands from what is normal for its series, in robust standard deviations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aiops.analysis.anomaly.deviation import RELATIVE_FLOOR, THRESHOLD
from aiops.analysis.rootcause.from_recordings.kinds import Kind
from aiops.analysis.rootcause.from_recordings.levels import block_means, column_quantiles, levels
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.core.telemetry import FloatArray

HALF_UNIT = 0.5
"""Of the 1 % that a share of failures moves by at least, this is one deviation."""

STEADY = 0.01
"""Share of its level that a resource moves by at least: memory holds steadier than latency or load do."""

TAIL = 0.95
MIN_BLOCKS = 30
"""From so many blocks of the baseline on, the heaviness of a series' tails can be told."""

LARGEST = 1e3
"""Deviations are cut here: a series that never moved before says no more than this."""


@dataclass(frozen=True, slots=True)
class Standard:
    """What is normal for each column of a panel: `level` and `scale` (k,), NaN where nothing was recorded before."""

    level: FloatArray
    scale: FloatArray

    def deviations(self, values: FloatArray, kinds: npt.NDArray[np.object_]) -> FloatArray:
        """Deviations of (n, k) values in scales, cut at `LARGEST`; a drop of latency or errors is none, NaN none."""
        found = cut((values - self.level) / self.scale)
        worse_only = np.isin(kinds.astype(str), [Kind.LATENCY.value, Kind.ERRORS.value])
        return np.where(worse_only & (found < 0), 0.0, found)


def cut(z: FloatArray) -> FloatArray:
    """Deviations up to `LARGEST` in either direction; NaN is none."""
    return np.clip(np.nan_to_num(z, nan=0.0, posinf=LARGEST, neginf=-LARGEST), -LARGEST, LARGEST)


def standard(panel: Panel, normal: npt.NDArray[np.bool_], block: int) -> Standard:
    """Levels and scales from the `normal` rows (n,) of a panel.

    A scale is the interquartile range (as in BARO), at least a share of the level, half a unit, and a share of what
    the same metric is elsewhere. Where a series often leaves its quartiles (its means over `block` rows do), it is
    judged by its own tail instead.
    """
    before = panel.values[normal]
    level, scale = levels(before)
    share = np.where(panel.of_kind(Kind.ERRORS), 0.0, np.where(panel.of_kind(Kind.RESOURCE), STEADY, RELATIVE_FLOOR))
    relative = share * np.abs(level)
    floor = np.maximum.reduce([relative, HALF_UNIT * panel.unit, _peers(panel, level)])
    scale = np.fmax(scale, floor)
    means = block_means(before, max(1, min(block, len(before) // MIN_BLOCKS)))
    if len(means) >= MIN_BLOCKS:
        with np.errstate(invalid="ignore"):
            (tail,) = column_quantiles(np.abs(means - level), (TAIL,))
        scale = np.fmax(scale, tail / THRESHOLD)
    return Standard(level, np.where(np.isnan(level), np.nan, np.maximum(scale, 1e-12)))


def _peers(panel: Panel, level: FloatArray) -> FloatArray:
    """For columns that tell no scale of their own: a share of the median level that their metric has elsewhere."""
    found = np.zeros(len(level))
    size = np.abs(level)
    for name in np.unique(panel.metric):
        columns = panel.metric == name
        others = size[columns & (size > 0)]
        if not len(others):
            others = np.abs(panel.values[:, columns])
            others = others[others > 0]
        if len(others):
            found[columns & ~(size > 0) & (panel.unit == 0)] = RELATIVE_FLOOR * float(np.median(others))
    return found
