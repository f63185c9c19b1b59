"""Exporters whose samples are figures times a factor: which series they have, and where each one's value lies."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aiops.core.telemetry import FloatArray
from aiops.lab.exporters.exposition.samples import Sheet, Target
from aiops.lab.exporters.readings.figures import Figures
from aiops.lab.traffic.callgraph.graph import IntArray
from aiops.lab.tsdb import TimeSeriesStore


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric of every unit: a figure times `scale`, rounded down where it is `whole`. `labels` are its own. A
    `single` figure is one number for all units; of one with several numbers for a unit, `offset` says which."""

    name: str
    figure: str
    scale: float = 1.0
    whole: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    single: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """What has one set of readings: `row` in its figures, `owner` among the job's targets. Equal keys, equal labels."""

    key: Hashable
    labels: Mapping[str, str]
    owner: int
    row: int


class Form:
    """Readings that units have in common. The series of a unit are looked up once."""

    def __init__(self, store: TimeSeriesStore, readings: Sequence[Reading]) -> None:
        self._store = store
        self._readings = readings
        self._known: dict[Hashable, list[int]] = {}
        self.scales: FloatArray = np.array([reading.scale for reading in readings])
        self.whole = np.array([reading.whole for reading in readings], dtype=np.bool_)

    def series(self, units: Sequence[Unit]) -> IntArray:
        """(units, readings)"""
        self._known = {unit.key: self._known.get(unit.key) or self._register(unit) for unit in units}
        found = np.array([self._known[unit.key] for unit in units], dtype=np.int64)
        return found.reshape(len(units), len(self._readings))

    def places(self, figures: Figures, units: Sequence[Unit]) -> IntArray:
        """(units, readings): where each value lies among the figures."""
        starts = np.array([figures.place(each.figure) + each.offset for each in self._readings], dtype=np.int64)
        many = np.array([not reading.single for reading in self._readings])
        rows = np.array([unit.row for unit in units], dtype=np.int64)
        found: IntArray = starts[None, :] + rows[:, None] * many[None, :]
        return found

    def _register(self, unit: Unit) -> list[int]:
        return [self._store.series(each.name, {**unit.labels, **each.labels}) for each in self._readings]


Filled = tuple[Form, Sequence[Unit]]


class FormJob:
    """A job all of whose samples are read off the figures. `find` gives its targets, and the units of each form; it is
    asked again when the figures have another layout, or `changes` gives another answer."""

    def __init__(
        self,
        figures: Figures,
        find: Callable[[], tuple[Sequence[Target], Iterable[Filled]]],
        changes: Callable[[], Hashable] | None = None,
    ) -> None:
        self.targets: Sequence[Target] = ()
        self.sheet = Sheet()
        self._figures = figures
        self._find = find
        self._changes = changes
        self._places: IntArray = np.zeros(0, dtype=np.int64)
        self._scales: FloatArray = np.zeros(0)
        self._wholes = 0

    def version(self) -> Hashable:
        return self._figures.layout, self._changes() if self._changes else 0

    def lay_out(self) -> None:
        self.targets, forms = self._find()
        filled = [(form, units) for form, units in forms if units]
        whole = [np.tile(form.whole, len(units)) for form, units in filled]
        order = np.argsort(~np.concatenate([np.zeros(0, dtype=np.bool_), *whole]), kind="stable")
        self._wholes = int(sum(part.sum() for part in whole))
        ids = _flat([form.series(units) for form, units in filled])
        owners = _flat([np.repeat([unit.owner for unit in units], len(form.scales)) for form, units in filled])
        self.sheet = Sheet(ids[order], owners[order])
        self._places = _flat([form.places(self._figures, units) for form, units in filled])[order]
        scales = [np.tile(form.scales, len(units)) for form, units in filled]
        self._scales = np.concatenate([np.zeros(0), *scales])[order]

    def values(self, now: float) -> FloatArray:
        del now
        found = self._figures.flat.take(self._places)
        found *= self._scales
        counts = found[: self._wholes]
        counts += 1e-6
        np.floor(counts, out=counts)
        return found


def _flat(parts: Sequence[IntArray]) -> IntArray:
    return np.concatenate([np.zeros(0, dtype=np.int64), *(part.ravel().astype(np.int64) for part in parts)])
