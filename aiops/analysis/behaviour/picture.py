"""All that telemetry shows of a part of a cluster around an incident, as the checks of behaviour read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.telemetry import FloatArray, Series

NEWEST = 150.0
"""Seconds at the end of the window that tell how things are now."""

FEW = 3
"""Samples of a baseline from which a level can be told."""


@dataclass(frozen=True, slots=True)
class Level:
    """A signal before the trouble and now (medians), and its largest value since the trouble began."""

    before: float
    now: float
    peak: float

    def rose(self, factor: float, least: float) -> bool:
        """Did it grow by this factor, and by at least this much?"""
        return self.now >= factor * self.before and self.now - self.before >= least

    def fell(self, share: float, least: float) -> bool:
        """Is at most this share of it left, and at least this much gone?"""
        return self.now <= share * self.before and self.before - self.now >= least


@dataclass(frozen=True, slots=True)
class CallSeen:
    """Calls from `source` to `target` (workloads): calls a second, seconds a call and share of errors, before and now;
    None where there were none. `errors` is the share of all calls that fail in each way now."""

    source: Entity
    target: Entity
    rate: tuple[float | None, float | None]
    seconds: tuple[float | None, float | None]
    failing: tuple[float, float]
    errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A workload that was made, or was told to do more (`changed`), at `at` (unix seconds). `uses` are the workloads
    that it calls or is configured to call, `kin` those that run the same program (another tag of the image)."""

    entity: Entity
    at: float
    changed: bool
    uses: tuple[Entity, ...] = ()
    kin: tuple[Entity, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """`tracks` has the series of each signal of each entity; `devices` those of the devices of each node, by part.

    `nodes` are the names of the nodes on which a workload runs, `users` who calls it or is configured to. `entries`
    are the workloads that users reach first, `claims` what the pods of a workload mount of persistent volumes.
    """

    window: Window
    baseline: Window
    onset: float
    tracks: Mapping[tuple[Entity, str], Series] = field(default_factory=dict)
    devices: Mapping[tuple[Entity, str, str], Series] = field(default_factory=dict)
    calls: tuple[CallSeen, ...] = ()
    newcomers: tuple[Newcomer, ...] = ()
    nodes: Mapping[Entity, tuple[str, ...]] = field(default_factory=dict)
    users: Mapping[Entity, tuple[Entity, ...]] = field(default_factory=dict)
    entries: tuple[Entity, ...] = ()
    claims: Mapping[Entity, tuple[Entity, ...]] = field(default_factory=dict)

    def having(self, signal: str) -> list[Entity]:
        """The entities of which a signal is known, by name."""
        return sorted((entity for entity, name in self.tracks if name == signal), key=str)

    def level(self, entity: Entity, signal: str) -> Level | None:
        """How a signal of an entity stands; None where it is not known before or not known now."""
        found = self.tracks.get((entity, signal))
        return None if found is None else self.level_of(found)

    def level_of(self, series: Series) -> Level | None:
        """How any series stands; None where it has no samples before, or none now."""
        before = self.within(series, self.baseline)
        since = self.within(series, Window(start=self.onset, end=self.window.end))
        now = self.within(series, Window(start=self.window.end - NEWEST, end=self.window.end))
        if len(before) < FEW or not len(now):
            return None
        return Level(float(np.median(before)), float(np.median(now)), float(np.max(since if len(since) else now)))

    def now(self, entity: Entity, signal: str) -> float | None:
        """What a signal is now, also of something that was not there before."""
        found = self.tracks.get((entity, signal))
        if found is None:
            return None
        values = self.within(found, Window(start=self.window.end - NEWEST, end=self.window.end))
        return float(np.median(values)) if len(values) else None

    @staticmethod
    def within(series: Series, window: Window) -> FloatArray:
        """The values of a series in a window, shape (n,)."""
        inside = (series.times >= window.start) & (series.times <= window.end) & np.isfinite(series.values)
        return np.asarray(series.values[inside], dtype=float)

    def outgoing(self, workload: Entity) -> list[CallSeen]:
        """The calls that a workload makes."""
        return [call for call in self.calls if call.source == workload]

    def incoming(self, workload: Entity) -> list[CallSeen]:
        """The calls that a workload gets."""
        return [call for call in self.calls if call.target == workload]
