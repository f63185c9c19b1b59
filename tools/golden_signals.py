"""Rate, errors, latency and saturation of every service, now and before."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.telemetry import FloatArray
from aiops.tools.kit.arguments import EntityArg, Limit, Namespace, check_allowed
from aiops.tools.kit.context import Context
from aiops.tools.kit.grid import Grid, counted, largest, mean, median, ratio, total
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, TimeSeries, bounded, missing
from aiops.tools.kit.rights import rules
from aiops.tools.kit.signal_sources import TRAFFIC, TrafficSource, read_all, resource_queries, rows, traffic_queries
from aiops.tools.kit.telemetry_arguments import BaselineArg, StepArg, span
from aiops.tools.kit.topology import TOPOLOGY_KINDS, read_topology, workload_named
from aiops.tools.metric_query import coarse_enough

SignalName = Literal[
    "rate",  # requests a second
    "error_ratio",  # share of requests that failed with a 5xx status, 0..1
    "p50",  # seconds
    "p99",  # seconds
    "cpu",  # cores in use, of all pods
    "cpu_of_limit",  # 0..1, of the busiest pod
    "throttled",  # share of CPU periods in which a pod was held back, 0..1, of the worst pod
    "memory",  # working set in bytes, of all pods
    "memory_of_limit",  # 0..1, of the fullest pod
    "restarts",  # container restarts since the start of the series, of all pods
]


class Signal(Value):
    """One signal of one entity over the window and the baseline (None: no data), and the whole series.

    `value` and `baseline` are means over their windows; of a quantile, the median of its points; of the error ratio,
    failed requests over requests; of restarts, how many there were.
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
        return next((signal for signal in self.signals if signal.name == name), None)


class GoldenSignals(Result):
    """Signals by entity; `step` in seconds. An entity or a signal that is not here has no data."""

    entities: tuple[EntitySignals, ...] = ()
    step: float


@tool(effect="reads", needs=rules(("list",), *TOPOLOGY_KINDS))
async def golden_signals(
    ctx: Context,
    window: Window,
    baseline: BaselineArg = None,
    namespace: Namespace = "",
    step: StepArg = 15,
    limit: Limit = 200,
    entity: Annotated[EntityArg | None, Field(description="only this one")] = None,
    signal: Annotated[SignalName | None, Field(description="only this signal")] = None,
) -> GoldenSignals:
    """Show traffic, error ratio, latency and resource use of services, entry points and workloads over a window.

    With a baseline, each signal is given for both windows, and its series runs from the earlier start to the later end.
    """
    if entity is not None:
        check_allowed(ctx, entity)
    both = span(window, baseline)
    step = coarse_enough(both, step)
    namespaces = ctx.scope(namespace)
    if ctx.metrics is None:
        return GoldenSignals(no_data="no Prometheus is configured", step=step)
    measure = _Measure(Grid.over(both, step), window, baseline)
    found: list[EntitySignals] = []
    failed: list[str] = []
    for source in TRAFFIC:
        queries = traffic_queries(source, namespaces, step)
        series, errors = await read_all(ctx.metrics, queries, both, measure.grid)
        found += _traffic(measure, source, {key: rows(measure.grid, s, source.name_label) for key, s in series.items()})
        failed += errors
    series, errors = await read_all(ctx.metrics, resource_queries(namespaces, step), both, measure.grid)
    state = await read_topology(ctx, namespace)
    found += _resources(measure, state, {key: rows(measure.grid, s, "pod") for key, s in series.items()})
    kept, left_out = bounded(_only(found, entity, signal), limit)
    empty = None if found else "Prometheus has no request or container metrics for this window"
    return GoldenSignals(entities=kept, left_out=left_out, no_data=missing(*failed, *errors, empty), step=step)


def _only(found: list[EntitySignals], entity: Entity | None, signal: SignalName | None) -> list[EntitySignals]:
    """What was asked for; everything where nothing was named."""
    entities = [item for item in found if entity in (None, item.entity)]
    if signal is None:
        return entities
    return [
        item.model_copy(update={"signals": tuple(s for s in item.signals if s.name == signal)}) for item in entities
    ]


Rows = dict[tuple[str, str], FloatArray]


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

    def share(self, name: SignalName, part: FloatArray | None, whole: FloatArray) -> Signal:
        """A signal that is a share of `whole` and weighted by it."""
        above = np.where(np.isnan(whole), np.nan, 0.0 if part is None else np.nan_to_num(part, nan=0.0))
        value, before = (
            _share(a, w) if a is not None and w is not None else None
            for a, w in zip(self.over(above), self.over(whole), strict=True)
        )
        series = self.grid.series({"signal": name}, ratio(part, whole))
        return Signal(name=name, value=value, baseline=before, series=series)


def _summary(name: SignalName, values: FloatArray) -> float | None:
    if name in ("p50", "p99"):
        return median(values)
    if name == "restarts":
        known = values[np.isfinite(values)]
        return float(known[-1] - known[0]) if known.size else None
    return mean(values)


def _share(part: FloatArray, whole: FloatArray) -> float | None:
    all_of_it = float(np.nansum(whole))
    return float(np.nansum(part)) / all_of_it if all_of_it > 0 else None


def _traffic(measure: _Measure, source: TrafficSource, found: dict[str, Rows]) -> list[EntitySignals]:
    entities = []
    for key, rate in sorted(found["rate"].items()):
        signals = [measure.signal("rate", rate), measure.share("error_ratio", found["errors"].get(key), rate)]
        names: tuple[SignalName, ...] = ("p50", "p99")
        signals += [measure.signal(name, found[name][key]) for name in names if key in found[name]]
        entity = Entity(kind=source.kind, namespace=key[0], name=key[1])
        entities.append(EntitySignals(entity=entity, signals=tuple(signals)))
    return entities


def _resources(measure: _Measure, state: ClusterState, found: dict[str, Rows]) -> list[EntitySignals]:
    """Pods come and go; their workload stays."""
    pods: dict[Entity, set[tuple[str, str]]] = defaultdict(set)
    for by_pod in found.values():
        for key in by_pod:
            workload = workload_named(state, *key)
            if workload is not None:
                pods[workload].add(key)
    entities = []
    for workload in sorted(pods, key=str):
        own = {name: _of(by_pod, pods[workload]) for name, by_pod in found.items()}
        values: dict[SignalName, FloatArray | None] = {
            "cpu": total(own["cpu"].values()),
            "cpu_of_limit": largest(_shares(own["cpu"], own["cpu_limit"])),
            "throttled": largest(_shares(own["throttled"], own["periods"])),
            "memory": total(own["memory"].values()),
            "memory_of_limit": largest(_shares(own["memory"], own["memory_limit"])),
            "restarts": total(map(counted, own["restarts"].values())),
        }
        signals = tuple(measure.signal(name, row) for name, row in values.items() if row is not None)
        entities.append(EntitySignals(entity=workload, signals=signals))
    return entities


def _of(by_pod: Rows, pods: set[tuple[str, str]]) -> Rows:
    return {key: row for key, row in sorted(by_pod.items(), key=lambda item: item[0]) if key in pods}


def _shares(part: Rows, whole: Rows) -> list[FloatArray]:
    return [ratio(row, whole[key]) for key, row in part.items() if key in whole]
