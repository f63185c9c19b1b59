"""Rate, errors, latency and saturation of every service, now and before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field

from aiops.analysis.signals.families import Told
from aiops.analysis.state.cluster import ClusterState
from aiops.clients.prometheus import PrometheusClient
from aiops.core.entity import Entity
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.telemetry import FloatArray
from aiops.tools.kit.arguments import EntityArg, Limit, Namespace, check_allowed
from aiops.tools.kit.context import Context
from aiops.tools.kit.grid import Grid, counted, largest, mean, median, total
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, TimeSeries, bounded, missing
from aiops.tools.kit.rights import rules
from aiops.tools.kit.signal_sources import (
    OF_ITS_PODS,
    SignalName,
    TrafficSource,
    in_namespaces,
    resource_promql,
    traffic_promql,
)
from aiops.tools.kit.telemetry_arguments import BaselineArg, StepArg, span
from aiops.tools.kit.topology import TOPOLOGY_KINDS, read_topology, workload_named
from aiops.tools.metric_query import coarse_enough


class Signal(Value):
    """One signal of one entity over the window and the baseline (None: no data), and the whole series.

    `value` and `baseline` are means over their windows; of a quantile, the median of its points; of the error ratio,
    failed requests over requests; of restarts, how many there were. The series of restarts is what the pods count.
    """

    name: SignalName
    value: float | None
    baseline: float | None = None
    series: TimeSeries


class EntitySignals(Value):
    """The signals of a Service (traffic that it answered), an Ingress (traffic of users) or a workload (resources)."""

    entity: Entity
    signals: tuple[Signal, ...]

    def signal(self, name: SignalName) -> Signal | None:
        """The signal of this name; None without data."""
        return next((signal for signal in self.signals if signal.name == name), None)


class GoldenSignals(Result):
    """Signals by entity; `step` in seconds. An entity or a signal that is not here has no data."""

    entities: tuple[EntitySignals, ...] = ()
    step: float


Signals = SignalName | tuple[SignalName, ...]
OF_TRAFFIC: tuple[SignalName, ...] = ("rate", "error_ratio", "p50", "p99")


@tool(effect="reads", needs=rules(("list",), *TOPOLOGY_KINDS))
async def golden_signals(
    ctx: Context,
    window: Window,
    baseline: BaselineArg = None,
    namespace: Namespace = "",
    step: StepArg = 15,
    limit: Limit = 200,
    entity: Annotated[EntityArg | None, Field(description="only this one")] = None,
    signal: Annotated[Signals | None, Field(description="only this signal, or these")] = None,
) -> GoldenSignals:
    """Show traffic, error ratio, latency and resource use of services, entry points and workloads over a window.

    With a baseline, each signal is given for both windows, and its series runs from the earlier start to the later end.
    """
    if entity is not None:
        check_allowed(ctx, entity)
    both = span(window, baseline)
    step = coarse_enough(both, step)
    scope = ctx.scope(namespace)
    if ctx.metrics is None:
        return GoldenSignals(no_data="no Prometheus is configured", step=step)
    measure = _Measure(Grid.over(both, step), window, baseline)
    sources = await ctx.traffic.read(ctx.metrics, both.end)
    names = _names(entity, signal, sources)
    found: list[EntitySignals] = []
    failed: list[str] = []
    for source in [source for source in sources if entity is None or entity.kind == source.kind]:
        queries = _of(names, traffic_promql(source, source.of_namespaces(scope), step))
        series, errors = await _read(ctx.metrics, queries, both, measure.grid, partial(_told, source.told, scope))
        known = {item.entity for item in found}
        found += [item for item in _traffic(measure, source, series) if item.entity not in known]
        failed += errors
    if queries := _of(names, resource_promql(in_namespaces(scope), step)):
        series, errors = await _read(ctx.metrics, queries, both, measure.grid, _pod)
        found += _resources(measure, await read_topology(ctx, namespace), series)
        failed += errors
    kept, left_out = bounded(_only(found, entity, signal), limit)
    empty = None if found else "Prometheus has no such metrics of requests or containers for this window"
    return GoldenSignals(entities=kept, left_out=left_out, no_data=missing(*failed, empty), step=step)


def _told(told: Told, namespaces: tuple[str, ...], labels: dict[str, str]) -> Key | None:
    """(namespace, name) of what a series is about; None where it does not say, or speaks of another namespace."""
    entity = told.entity(labels, namespaces)
    if entity is None or (namespaces not in ((), ("",)) and entity.namespace not in namespaces):
        return None
    return entity.namespace, entity.name


def _pod(labels: dict[str, str]) -> Key:
    return labels.get("namespace", ""), labels.get("pod", "")


def _names(entity: Entity | None, signal: Signals | None, sources: tuple[TrafficSource, ...]) -> frozenset[SignalName]:
    """The signals to be read for what was asked. The rate tells which entities have traffic, and weighs errors."""
    wanted = {*OF_TRAFFIC, *OF_ITS_PODS} if signal is None else {signal} if isinstance(signal, str) else set(signal)
    if entity is not None:
        wanted &= {*OF_TRAFFIC} if entity.kind in (source.kind for source in sources) else {*OF_ITS_PODS}
    return frozenset(wanted | {"rate"} if wanted & {*OF_TRAFFIC} else wanted)


def _of(names: frozenset[SignalName], queries: dict[SignalName, str]) -> dict[SignalName, str]:
    return {name: query for name, query in queries.items() if name in names}


def _only(found: list[EntitySignals], entity: Entity | None, signal: Signals | None) -> list[EntitySignals]:
    """What was asked for; everything where nothing was named."""
    entities = [item for item in found if entity in (None, item.entity)]
    if signal is None:
        return entities
    names = (signal,) if isinstance(signal, str) else signal
    return [item.model_copy(update={"signals": tuple(s for s in item.signals if s.name in names)}) for item in entities]


Key = tuple[str, str]
Rows = dict[Key, FloatArray]


class _Measure:
    """Makes signals: the same grid and windows for all of them."""

    def __init__(self, grid: Grid, window: Window, baseline: Window | None) -> None:
        self.grid = grid
        self._windows = (window, baseline)

    def over(self, values: FloatArray) -> list[FloatArray | None]:
        return [None if window is None else self.grid.within(values, window) for window in self._windows]

    def signal(self, name: SignalName, values: FloatArray) -> Signal:
        now, before = (None if part is None else _summary(name, part) for part in self.over(values))
        return Signal(name=name, value=now, baseline=before, series=self.grid.series({"signal": name}, values))

    def share(self, name: SignalName, shares: FloatArray, whole: FloatArray) -> Signal:
        """A signal that is a share of `whole` and weighted by it."""
        now, before = (
            None if part is None or weight is None else _weighted(part, weight)
            for part, weight in zip(self.over(shares), self.over(whole), strict=True)
        )
        return Signal(name=name, value=now, baseline=before, series=self.grid.series({"signal": name}, shares))

    def counter(self, name: SignalName, rows: list[FloatArray], whole: FloatArray) -> Signal:
        """A counter of pods that come and go: by how much each has risen. `whole` is the sum of those there are."""
        risen = total(map(counted, rows))
        parts = [None, None] if risen is None else self.over(risen)
        now, before = (None if part is None else _rise(part) for part in parts)
        return Signal(name=name, value=now, baseline=before, series=self.grid.series({"signal": name}, whole))


def _summary(name: SignalName, values: FloatArray) -> float | None:
    if name in ("p50", "p99"):
        return median(values)
    return mean(values)


def _rise(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known[-1] - known[0]) if known.size else None


def _weighted(shares: FloatArray, whole: FloatArray) -> float | None:
    all_of_it = float(np.nansum(whole))
    return float(np.nansum(shares * whole)) / all_of_it if all_of_it > 0 else None


def _traffic(measure: _Measure, source: TrafficSource, found: dict[SignalName, Rows]) -> list[EntitySignals]:
    entities = []
    for key, rate in sorted(found.get("rate", {}).items()):
        signals = [measure.signal("rate", rate)]
        if (failing := found.get("error_ratio", {}).get(key)) is not None:
            signals.append(measure.share("error_ratio", failing, rate))
        names: tuple[SignalName, ...] = ("p50", "p99")
        signals += [measure.signal(name, found[name][key]) for name in names if key in found.get(name, ())]
        entity = Entity(kind=source.kind, namespace=key[0], name=key[1])
        entities.append(EntitySignals(entity=entity, signals=tuple(signals)))
    return entities


def _resources(measure: _Measure, state: ClusterState, found: dict[SignalName, Rows]) -> list[EntitySignals]:
    """Pods come and go; their workload stays."""
    pods: dict[Entity, dict[tuple[str, str], None]] = defaultdict(dict)
    for key in sorted({key for by_pod in found.values() for key in by_pod}):
        workload = workload_named(state, *key)
        if workload is not None:
            pods[workload][key] = None
    entities = []
    for workload in sorted(pods, key=str):
        signals = []
        for name, by_pod in found.items():
            rows = [by_pod[key] for key in pods[workload] if key in by_pod]
            whole = (total if OF_ITS_PODS[name] == "sum" else largest)(rows)
            if whole is not None:
                counts = name == "restarts"
                signals.append(measure.counter(name, rows, whole) if counts else measure.signal(name, whole))
        entities.append(EntitySignals(entity=workload, signals=tuple(signals)))
    return entities


async def _read(
    metrics: PrometheusClient,
    queries: dict[SignalName, str],
    window: Window,
    grid: Grid,
    key_of: Callable[[dict[str, str]], Key | None],
) -> tuple[dict[SignalName, Rows], list[str]]:
    """The rows of each signal on the grid, and what kept the others from being read."""
    found: dict[SignalName, Rows] = {}
    failed: list[str] = []
    for name, query in queries.items():
        try:
            series = await metrics.query_range(query, window.start, window.end, grid.step)
        except RemoteError as error:
            series = []
            failed.append(f"{name}: {error}")
        keys = [key_of(one.labels) for one in series]
        found[name] = {key: grid.place(one) for key, one in zip(keys, series, strict=True) if key is not None}
    return found, failed
