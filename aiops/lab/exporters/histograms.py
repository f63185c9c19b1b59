"""Duration histograms of requests as Prometheus series: `_bucket`, `_count` and `_sum`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.samples import Samples
from aiops.lab.traffic.graph import IntArray
from aiops.lab.traffic.tallies import BOUNDS
from aiops.lab.tsdb import TimeSeriesStore

_COUNT, _SUM = -2, -1


class Histograms:
    """One metric, for rows that are told apart by labels and outcomes with labels of their own.

    A series begins when its first request has been counted, as in a client library. Counts are whole: a fraction waits
    for the next request. `counter` names a plain counter that is exported beside the histogram."""

    def __init__(
        self,
        store: TimeSeriesStore,
        name: str,
        outcomes: Sequence[Mapping[str, str]],
        bounds: FloatArray = BOUNDS,
        counter: str = "",
    ) -> None:
        self._store = store
        self._name = name
        self._outcomes = outcomes
        self._columns: IntArray = np.flatnonzero(np.isin(BOUNDS, bounds)).astype(np.int64)
        self._bounds = [f"{bound:g}" for bound in bounds]
        self._counter = counter
        self._width = len(bounds) + 3 + bool(counter)
        self._labels: Sequence[Mapping[str, str]] = ()
        self._groups: IntArray = np.zeros(0, dtype=np.int64)
        self._starts: IntArray = np.zeros(0, dtype=np.int64)
        self._ids: IntArray = np.zeros((0, len(outcomes), self._width), dtype=np.int64)

    def adopt(self, rows: Sequence[int], labels: Sequence[Mapping[str, str]]) -> None:
        """Take over a new set of rows of the tallies with their labels; rows with equal labels are added up."""
        keys = [tuple(sorted(label.items())) for label in labels]
        order = sorted(range(len(keys)), key=lambda i: keys[i])
        firsts = [n for n, i in enumerate(order) if n == 0 or keys[i] != keys[order[n - 1]]]
        self._groups = np.array([rows[i] for i in order], dtype=np.int64)
        self._starts = np.array(firsts, dtype=np.int64)
        self._labels = [labels[order[n]] for n in firsts]
        self._ids = np.full((len(firsts), len(self._outcomes), self._width), -1, dtype=np.int64)

    def collect(self, tallies: FloatArray) -> Samples:
        """The samples of every series that has counted something; `tallies` as in `Tallies.values`."""
        if not len(self._starts):
            return Samples(np.zeros(0, dtype=np.int64), np.zeros(0))
        added = np.add.reduceat(tallies[self._groups], self._starts, axis=0)
        counts = np.floor(added[:, :, _COUNT] + 1e-6)
        active = counts >= 1.0
        for row, outcome in np.argwhere(active & (self._ids[:, :, 0] < 0)).tolist():
            self._ids[row, outcome] = self._register(row, outcome)
        found = added[active]
        values = np.empty((len(found), self._width))
        values[:, : len(self._columns)] = np.floor(found[:, self._columns] + 1e-6)
        values[:, len(self._columns) :] = counts[active, None]
        values[:, len(self._columns) + 2] = found[:, _SUM]
        return Samples(self._ids[active].ravel(), values.ravel())

    def _register(self, row: int, outcome: int) -> list[int]:
        labels = {**self._labels[row], **self._outcomes[outcome]}
        made = [self._store.series(f"{self._name}_bucket", {**labels, "le": le}) for le in [*self._bounds, "+Inf"]]
        made.append(self._store.series(f"{self._name}_count", labels))
        made.append(self._store.series(f"{self._name}_sum", labels))
        return [*made, self._store.series(self._counter, labels)] if self._counter else made
