"""The continuous watch on the golden signals of all services, by a few aggregated queries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiops.analysis.signals.families import Recognised
from aiops.analysis.signals.promql import BUSY, FAILED, REFUSED, REQUESTS, figure_of, figures
from aiops.analysis.signals.recognising import recognised, usual_span
from aiops.analysis.watching.departures import SPAN, Departure, departures
from aiops.analysis.watching.seasons import DAYS, SLOT
from aiops.analysis.watching.track import MINUTE, MINUTES, Look, Track
from aiops.analysis.watching.troubles import Troubles
from aiops.clients.prometheus import PrometheusClient
from aiops.core.clock import Clock, Stopwatch
from aiops.core.entity import Entity
from aiops.core.errors import AiopsError
from aiops.core.incident import Signal
from aiops.core.model import Value
from aiops.core.telemetry import Series
from aiops.watch.budget import Budget

AGAIN = 1800.0
"""Seconds after which it is found out anew which families of metrics there are."""

Sink = Callable[[list[Signal]], object]
Figures = dict[str, float]


class WatchStatus(Value):
    """How the watch stands. `families` are those that are read, `troubles` what stands now, `failure` why the last
    look was none."""

    families: tuple[str, ...]
    services: int
    interval_seconds: float
    queries_per_minute: float
    backing_off: bool
    troubles: tuple[str, ...]
    failure: str | None
    last_look: float | None


class Watcher:
    """Looks at every service again and again, and tells `sink` of each trouble once when it begins and when it is over.

    `namespaces` are those to look at, none: all. `objective` is the share of requests that is promised to succeed.
    """

    def __init__(
        self,
        metrics: PrometheusClient,
        clock: Clock,
        sink: Sink,
        *,
        namespaces: Sequence[str] = (),
        objective: float = 0.99,
        budget: Budget | None = None,
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self._sink = sink
        self._namespaces = tuple(namespaces)
        self._objective = objective
        self._budget = budget or Budget(per_minute=20, shortest=15.0)
        self._tracks: dict[Entity, Track] = {}
        self._entries: set[Entity] = set()
        self._troubles = Troubles()
        self._untold: list[Signal] = []
        self._known: list[Recognised] = []
        self._span = SPAN
        self._recognised_at = float("-inf")
        self._failure: str | None = None
        self._last: float | None = None

    async def run(self) -> None:
        """Never returns; ends by cancellation."""
        while True:
            await self.look()
            await self._clock.sleep(self._budget.interval)

    async def look(self) -> list[Signal]:
        """Look once. What cannot be read is no trouble of the services; it is said in `status`."""
        watch = Stopwatch()
        try:
            now = await self._clock.sync()
            if now - self._recognised_at >= AGAIN:
                await self._recognise(now)
            told = self._judge(await self._read(now), now)
            self._untold += told
            if self._untold:
                self._sink(self._untold)
            self._untold = []
        except AiopsError as error:
            self._failure = str(error)
            self._budget.note(watch.seconds(), failed=True)
            return []
        self._failure, self._last = None, now
        self._budget.note(watch.seconds(), failed=False)
        return told

    def status(self) -> WatchStatus:
        """How it stands now."""
        interval = self._budget.interval
        return WatchStatus(
            families=tuple(one.family.title for one in self._known),
            services=len(self._tracks),
            interval_seconds=interval,
            queries_per_minute=round(60.0 * self._budget.queries / interval, 1),
            backing_off=self._budget.factor > 1.0,
            troubles=tuple(f"{one.entity}: {one.departure.text}" for one in self._troubles.open),
            failure=self._failure,
            last_look=self._last,
        )

    async def _recognise(self, now: float) -> None:
        before = [one.family.name for one in self._known]

        async def ask(promql: str) -> list[Series]:
            return await self._metrics.query(promql, now)

        self._known = await recognised(ask)
        self._span = await usual_span(ask, self._known)
        self._recognised_at = now
        if [one.family.name for one in self._known] != before:
            await self._look_back(now)

    async def _look_back(self, now: float) -> None:
        """Learn what was before, from Prometheus' own history: nothing of ours need be kept."""
        days, hours = DAYS * 86400.0, MINUTES * MINUTE
        old = await self._history(now - days, now - SLOT, SLOT, SLOT)
        new = await self._history(now - hours, now - MINUTE, MINUTE, self._span)
        for entity in dict.fromkeys((*old, *new)):
            track = self._tracks[entity] = Track()
            track.remember(old.get(entity, []), now)
            track.refill(new.get(entity, []))

    async def _history(self, start: float, end: float, step: float, span: float) -> dict[Entity, list[Look]]:
        found: dict[Entity, dict[float, Figures]] = {}
        for family in self._known:  # each for itself: this is a long answer
            for series in await self._metrics.query_range(self._asking([family], span), start, end, step):
                if (entity := self._entity(series)) is not None:
                    moments = found.setdefault(entity, {})
                    for at, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
                        _add(moments.setdefault(at, {}), series, value)
        return {
            entity: [_look(at, moments[at]) for at in sorted(moments) if REQUESTS in moments[at]]
            for entity, moments in found.items()
        }

    async def _read(self, now: float) -> dict[Entity, Look]:
        if not self._known:
            return {}
        found: dict[Entity, Figures] = {}
        for series in await self._metrics.query(self._asking(self._known, self._span), now):
            if (entity := self._entity(series)) is not None and len(series.values):
                _add(found.setdefault(entity, {}), series, float(series.values[-1]))
        return {entity: _look(now, values) for entity, values in found.items() if REQUESTS in values}

    def _judge(self, looks: dict[Entity, Look], now: float) -> list[Signal]:
        departed: dict[Entity, list[Departure]] = {}
        for entity, look in looks.items():
            track = self._tracks.setdefault(entity, Track())
            found = departures(look, track, self._objective, entry=entity in self._entries)
            if found:
                departed[entity] = found
            track.add(look, troubled=track.suspicious or self._troubles.troubled(entity))
        return self._troubles.take(departed, now)

    def _asking(self, known: Sequence[Recognised], span: float) -> str:
        return figures([(one, self._match(one)) for one in known], span)

    def _entity(self, series: Series) -> Entity | None:
        name, _ = figure_of(series.labels)
        one = next(one for one in self._known if one.family.name == name)
        entity = one.told.entity(series.labels, self._namespaces)
        if entity is None or (self._namespaces and entity.namespace not in self._namespaces):
            return None
        if one.family.entry:
            self._entries.add(entity)
        return entity

    def _match(self, one: Recognised) -> str:
        if not self._namespaces or not one.told.namespace:
            return ""
        return f'{one.told.namespace}=~"{"|".join(self._namespaces)}"'


def _add(sums: Figures, series: Series, value: float) -> None:
    """Who is measured by several families, has served the requests of each."""
    _, figure = figure_of(series.labels)
    sums[figure] = sums.get(figure, 0.0) + value


def _look(at: float, values: Figures) -> Look:
    return Look(at, values[REQUESTS], values.get(FAILED, 0.0), values.get(BUSY, 0.0), values.get(REFUSED, 0.0))
