"""How far each series departs while the trouble shows, and from what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aiops.analysis.anomaly.deviation import THRESHOLD
from aiops.analysis.rootcause.from_recordings.levels import column_quantiles, mean_rows
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.analysis.rootcause.from_recordings.standard import cut
from aiops.analysis.rootcause.from_recordings.window import Window
from aiops.core.telemetry import FloatArray

VANISHED = 2 * THRESHOLD
"""Deviation of a series that was always there and is gone while the trouble shows."""

ALWAYS = 0.9


@dataclass(frozen=True, slots=True)
class Excess:
    """All arrays (k,), one value a column of the panel.

    `amount` is the departure in the unit of the series, `z` the same in deviations (negative: a drop, which tells of
    trouble as well), `observed` the mean while the
    trouble shows and `usual` the level that it is measured from; NaN where there is nothing to compare.
    """

    amount: FloatArray
    z: FloatArray
    observed: FloatArray
    usual: FloatArray


def excess(panel: Panel, window: Window) -> Excess:
    """Departures from the nearer of two levels: that of the baseline, and that just before the start.

    A series that has drifted since its baseline was taken, or that was odd before the trouble began, departs from the
    one only, and tells nothing of this trouble.
    """
    observed = mean_rows(panel.values, window.weights)
    (recent,) = column_quantiles(panel.values[window.recent], (0.5,))
    long = window.normals.level
    from_long = observed - long
    from_recent = np.where(np.isnan(recent), from_long, observed - recent)
    same_way = np.sign(from_long) == np.sign(from_recent)
    nearer = np.abs(from_recent) < np.abs(from_long)
    amount = np.where(same_way, np.where(nearer, from_recent, from_long), 0.0)
    z = cut(amount / window.normals.scale)
    z = np.where(_vanished(panel, window), np.maximum(np.abs(z), VANISHED), z)
    return Excess(np.where(np.isfinite(amount), amount, 0.0), z, observed, np.where(nearer, recent, long))


def _vanished(panel: Panel, window: Window) -> FloatArray:
    there = ~np.isnan(panel.values)
    before = there[window.normal].mean(axis=0) if window.normal.any() else np.zeros(panel.values.shape[1])
    return np.asarray((before >= ALWAYS) & ~there[window.judged].any(axis=0))
