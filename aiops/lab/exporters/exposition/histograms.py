"""Duration histograms of requests as Prometheus series: `_bucket`, `_count` and `_sum`."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import Sheet
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.traffic.telemetry.tallies import BOUNDS
from aiops.lab.tsdb import NAME, TimeSeriesStore, labels_of

_COUNT, _SUM = len(BOUNDS), len(BOUNDS) + 1
_CELL = len(BOUNDS) + 2
_UNKNOWN = -1
_EMPTY: IntArray = np.zeros(0, dtype=np.int64)
_Labels = tuple[tuple[str, str], ...]


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
        columns = np.flatnonzero(np.isin(BOUNDS, bounds)).tolist()
        self._bounds = [("le", le) for le in (*(f"{bound:g}" for bound in bounds), "+Inf")]
        self._counter = counter
        self._taken: IntArray = np.array([*columns, _COUNT, _COUNT, _SUM, *([_COUNT] if counter else [])])
        self._sum = len(columns) + 2
        self._series: IntArray = np.zeros((0, 0, 0), dtype=np.int64)
        self._labels: list[_Labels] = []
        self._owners: IntArray = _EMPTY
        self._rows: IntArray = _EMPTY
        self._starts: IntArray = _EMPTY
        self._active: npt.NDArray[np.bool_] | None = None
        self._cells: IntArray = np.zeros((0, 0), dtype=np.int64)
        self._cell_starts: IntArray | None = None
        self.sheet = Sheet()

    def adopt(self, rows: Sequence[int], labels: Sequence[Mapping[str, str]], owners: Sequence[int]) -> None:
        """Take over a new set of rows of the tallies with their labels and targets; rows with equal labels are added
        up."""
        keys = [tuple(sorted(label.items())) for label in labels]
        order = sorted(range(len(keys)), key=lambda i: keys[i])
        firsts = [n for n, i in enumerate(order) if n == 0 or keys[i] != keys[order[n - 1]]]
        self._rows = np.array([rows[i] for i in order], dtype=np.int64)
        self._starts = np.array(firsts, dtype=np.int64)
        known, self._labels = self._labels, [keys[order[n]] for n in firsts]
        self._owners = np.array([owners[order[n]] for n in firsts], dtype=np.int64)
        none = np.full((len(self._outcomes), len(self._taken)), _UNKNOWN, dtype=np.int64)
        kept = dict(zip(known, self._series, strict=True))
        self._series = np.array([kept.get(key, none) for key in self._labels]).reshape(-1, *none.shape)
        self._active = None

    def values(self, tallies: FloatArray) -> FloatArray:
        """The samples of every series that has counted something, for the sheet; `tallies` as in `Tallies.values`."""
        if not len(self._starts):
            self._forget()
            return np.zeros(0)
        counts = tallies[:, :, _COUNT][self._rows]
        if len(self._starts) < len(self._rows):
            counts = np.add.reduceat(counts, self._starts, axis=0)
        active = counts >= 1.0 - 1e-6
        if self._active is None or np.count_nonzero(active != self._active):
            self._lay_out(active)
        found = tallies.reshape(-1).take(self._cells)
        if self._cell_starts is not None:
            found = np.add.reduceat(found, self._cell_starts, axis=0) if len(found) else found
        made = np.floor(found + 1e-6)
        made[:, self._sum] = found[:, self._sum]
        return made.ravel()

    def _forget(self) -> None:
        if len(self.sheet.ids):
            self.sheet = Sheet()

    def _lay_out(self, active: npt.NDArray[np.bool_]) -> None:
        """Where the samples of the active (group, outcome) are in the tallies, and what their series are."""
        self._active = active
        groups, outcomes = np.nonzero(active)
        sizes = np.diff(np.append(self._starts, len(self._rows)))
        members = np.repeat(np.arange(len(groups)), sizes[groups])
        firsts = np.cumsum(np.append(0, sizes[groups]))
        within = np.arange(len(members)) - firsts[members]
        rows = self._rows[self._starts[groups][members] + within]
        cells = (rows * len(self._outcomes) + outcomes[members]) * _CELL
        self._cells = cells[:, None] + self._taken[None, :]
        self._cell_starts = None if len(members) == len(groups) else firsts[:-1]
        for group, outcome in np.argwhere(active & (self._series[:, :, 0] == _UNKNOWN)).tolist():
            self._series[group, outcome] = self._register({**dict(self._labels[group]), **self._outcomes[outcome]})
        self.sheet = Sheet(self._series[active].ravel(), np.repeat(self._owners[groups], len(self._taken)))

    def _register(self, labels: Mapping[str, str]) -> list[int]:
        bucket = labels_of({**labels, NAME: f"{self._name}_bucket"})
        place = bisect(bucket, ("le",))
        before, after = bucket[:place], bucket[place:]
        made = [self._store.series_of((*before, bound, *after)) for bound in self._bounds]
        made.append(self._store.series(f"{self._name}_count", labels))
        made.append(self._store.series(f"{self._name}_sum", labels))
        return [*made, self._store.series(self._counter, labels)] if self._counter else made
