"""The samples of one target whose series come as things happen: counters, gauges, and durations that are told by their
mean."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import Sheet
from aiops.lab.traffic.solving.moments import lognormal, shares_below
from aiops.lab.tsdb import TimeSeriesStore

_VARIATION = 0.9
"""Standard deviation of durations as a share of their mean."""


class Page:
    """`labels` are the target's. Samples keep the place that they got when they were first told."""

    def __init__(self, store: TimeSeriesStore, labels: Mapping[str, str]) -> None:
        self._store = store
        self._labels = labels
        self._ids: list[int] = []
        self._whole: list[bool] = []
        self._values: FloatArray = np.zeros(64)
        self._places: dict[Hashable, int] = {}
        self._floors: npt.NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self.sheet = Sheet()

    def place(self, name: str, labels: Mapping[str, str], *, whole: bool = True) -> int:
        """Where the value of a new series lies; series that are placed one after the other lie side by side."""
        self._ids.append(self._store.series(name, {**self._labels, **labels}))
        self._whole.append(whole)
        if len(self._ids) > len(self._values):
            self._values = np.concatenate([self._values, np.zeros(len(self._values))])
        return len(self._ids) - 1

    def put(self, key: Hashable, name: str, labels: Mapping[str, str], value: float) -> None:
        """Set a gauge, or a counter to what it has counted. The key, of the caller's choice, stands for the series."""
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self.place(name, labels)
        self._values[place] = value

    def fill(self, start: int, values: Sequence[float]) -> None:
        """Set samples that lie side by side."""
        self._values[start : start + len(values)] = values

    def grow(self, start: int, amounts: FloatArray) -> None:
        """Add to samples that lie side by side."""
        self._values[start : start + len(amounts)] += amounts

    def samples(self) -> FloatArray:
        """All values, for the sheet as it is after the call."""
        count = len(self._ids)
        if len(self.sheet.ids) != count:
            self.sheet = Sheet(np.array(self._ids, dtype=np.int64), np.zeros(count, dtype=np.int64))
            self._floors = np.array(self._whole, dtype=np.bool_)
        values = self._values[:count]
        return np.where(self._floors, np.floor(values + 1e-6), values) if count else np.zeros(0)


class Durations:
    """A histogram on a page: lognormal durations, of which the mean is told."""

    def __init__(self, page: Page, name: str, bounds: FloatArray) -> None:
        self._page = page
        self._name = name
        self._bounds = bounds
        self._log_bounds = np.log(bounds)
        self._starts: dict[Hashable, int] = {}
        self._shapes: dict[float, FloatArray] = {}

    def add(self, key: Hashable, labels: Callable[[], Mapping[str, str]], count: float, mean: float) -> None:
        """So many more took `mean` seconds on average. The key stands for the labels, which are asked for once."""
        start = self._starts.get(key)
        if start is None:
            start = self._starts[key] = self._begin(labels())
        self._page.grow(start, count * self._shape(mean))

    def _begin(self, labels: Mapping[str, str]) -> int:
        les = [*(f"{bound:g}" for bound in self._bounds.tolist()), "+Inf"]
        places = [self._page.place(f"{self._name}_bucket", {**labels, "le": le}) for le in les]
        self._page.place(f"{self._name}_count", labels)
        self._page.place(f"{self._name}_sum", labels, whole=False)
        return places[0]

    def _shape(self, mean: float) -> FloatArray:
        """What one of them adds on average: to each bucket, to all, to the sum."""
        known = self._shapes.get(mean)
        if known is None:
            mu, sigma = lognormal(np.array([mean]), np.array([(_VARIATION * mean) ** 2]))
            below = shares_below(self._log_bounds, mu, sigma)[0]
            known = self._shapes[mean] = np.concatenate([below, np.array([1.0, 1.0, mean])])
        return known
