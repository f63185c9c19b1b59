"""Targets that are away for some minutes though nothing is wrong: somebody restarts an exporter, a route is changed.

17 metrics of cloud machines over two weeks (the Numenta Anomaly Benchmark) have 17 gaps, mostly of one sample of five
minutes, at most of an hour: so do targets here.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.logs.wording import mixed

PERIOD = 14 * 86400.0
"""Seconds in which a target is away once."""

SHORTEST, LONGEST = 60.0, 3600.0
_TAIL = 0.7
"""Seconds of an absence: Pareto-distributed with this index between these two."""


class Absences:
    """`names` are those of the targets: by the seed each has absences of its own, whoever else is scraped."""

    def __init__(self, seed: int, names: Sequence[str]) -> None:
        self._keys = [mixed(crc32(name.encode()), seed) for name in names]
        self._number = -1
        self._starts: FloatArray = np.zeros(0)
        self._ends: FloatArray = np.zeros(0)

    def away(self, now: float) -> npt.NDArray[np.bool_]:
        """Which targets are away at a moment (unix seconds), (names,)."""
        number = int(now // PERIOD)
        if number != self._number:
            self._number = number
            when, how_long = (self._drawn(2 * number + each) for each in (0, 1))
            self._starts = number * PERIOD + when * (PERIOD - LONGEST)
            self._ends = self._starts + np.minimum(SHORTEST * how_long ** (-1.0 / _TAIL), LONGEST)
        found: npt.NDArray[np.bool_] = (self._starts <= now) & (now < self._ends)
        return found

    def _drawn(self, number: int) -> FloatArray:
        """For each target, above 0, at most 1."""
        return np.array([((mixed(key, number) >> 11) + 1) / 2**53 for key in self._keys])
