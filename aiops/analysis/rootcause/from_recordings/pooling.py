"""The departures of an entity's metrics as one score."""

from __future__ import annotations

import numpy as np

from aiops.analysis.rootcause.from_recordings.kinds import EXTERNAL
from aiops.analysis.rootcause.from_recordings.panel import Panel
from aiops.core.telemetry import FloatArray


def pooled(panel: Panel, z: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """(internal, external) largest deviation of each of `count` entities: both (count,), 0 where nothing was measured.

    `z` (k,) has one deviation a column. Internal is what an entity uses, external what its callers feel.
    """
    outside = panel.of_kind(*EXTERNAL)
    internal, external = np.zeros(count), np.zeros(count)
    np.maximum.at(internal, panel.entity[~outside], np.abs(z[~outside]))
    np.maximum.at(external, panel.entity[outside], np.abs(z[outside]))
    return internal, external


def combined(internal: FloatArray, external: FloatArray) -> FloatArray:
    """S_I + S_E - log(1 + S_I + S_E), which PRISM ranks by: a cause departs inside and outside, a victim outside."""
    both = internal + external
    return both - np.log1p(both)
