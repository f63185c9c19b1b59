"""What processes, stores, queues, machines and accelerators tell of their inside, now and before."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Annotated

import numpy as np
from pydantic import Field

from aiops.analysis.state.cluster import ClusterState
from aiops.clients.prometheus import PrometheusClient
from aiops.core.entity import Entity
from aiops.core.errors import RemoteError, RetryWithOtherArgumentsError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.core.telemetry import FloatArray, Series
from aiops.tools.kit.arguments import EntityArg, Limit, Namespace, check_allowed
from aiops.tools.kit.context import READS_AT_ONCE, Context
from aiops.tools.kit.grid import Grid, largest, total
from aiops.tools.kit.inner_families import InnerSignal, inner_signals
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, TimeSeries, bounded, missing
from aiops.tools.kit.rights import rules
from aiops.tools.kit.signal_sources import in_namespaces
from aiops.tools.kit.telemetry_arguments import BaselineArg, StepArg, span
from aiops.tools.kit.topology import TOPOLOGY_KINDS, read_topology, workload_named
from aiops.tools.metric_query import coarse_enough


class InnerReading(Value):
    """One signal of a workload or a node; `part` tells the devices of a node apart. `value` and `baseline` are medians
    over their windows (None: no data)."""

    entity: Entity
    signal: str
    part: str = ""
    unit: str
    value: float | None
    baseline: float | None = None
    series: TimeSeries


class InnerReadings(Result):
    """Readings by signal, entity and part; `step` in seconds. What is not here has no data."""

    readings: tuple[InnerReading, ...] = ()
    step: float


@tool(effect="reads", needs=rules(("list",), *TOPOLOGY_KINDS))
async def inner_readings(
    ctx: Context,
    window: Window,
    baseline: BaselineArg = None,
    namespace: Namespace = "",
    step: StepArg = 30,
    limit: Limit = 500,
    entity: Annotated[EntityArg | None, Field(description="only this workload or node")] = None,
    signal: Annotated[str, Field(description="only this signal, such as pool_use, gc_share or backlog")] = "",
) -> InnerReadings:
    """Show pools, heaps, caches, open files, queues, store sessions, disks, machines and accelerators over a window."""
    if entity is not None:
        check_allowed(ctx, entity)
    known = inner_signals()
    if signal and signal not in known:
        raise RetryWithOtherArgumentsError(f"no signal {signal!r}; there are {', '.join(known)}")
    both = span(window, baseline)
    step = coarse_enough(both, step)
    if ctx.metrics is None:
        return InnerReadings(no_data="no Prometheus is configured", step=step)
    state = await read_topology(ctx, namespace)
    match = in_namespaces(ctx.scope(namespace))
    asked = {name: spec for name, spec in known.items() if signal in ("", name)}
    found, failed = await _read(ctx.metrics, asked, match, both, step)
    grid = Grid.over(both, step)
    readings: list[InnerReading] = []
    for name, series in found.items():
        readings += _readings(name, asked[name], series, grid, (window, baseline), state)
    kept, left_out = bounded([one for one in readings if entity in (None, one.entity)], limit)
    empty = None if readings else "Prometheus has no metrics of the inside of anything for this window"
    return InnerReadings(readings=kept, left_out=left_out, no_data=missing(*failed, empty), step=step)


async def _read(
    metrics: PrometheusClient, asked: dict[str, InnerSignal], match: str, window: Window, step: float
) -> tuple[dict[str, list[Series]], list[str]]:
    """The series of each signal, and what kept others from being read."""
    failed: list[str] = []
    gate = asyncio.Semaphore(READS_AT_ONCE)

    async def one(name: str, spec: InnerSignal) -> list[Series]:
        async with gate:
            try:
                return await metrics.query_range(spec.promql(match, step), window.start, window.end, step)
            except RemoteError as error:
                failed.append(f"{name}: {error}")
                return []

    series = await asyncio.gather(*(one(name, spec) for name, spec in asked.items()))
    return dict(zip(asked, series, strict=True)), sorted(failed)


def _readings(
    name: str,
    spec: InnerSignal,
    series: list[Series],
    grid: Grid,
    windows: tuple[Window, Window | None],
    state: ClusterState,
) -> list[InnerReading]:
    rows: dict[tuple[Entity, str], list[FloatArray]] = defaultdict(list)
    for one in series:
        place = _place(spec, one.labels, state)
        if place is not None:
            rows[place].append(grid.place(one))
    join = total if spec.together == "sum" else largest
    found = []
    for (entity, part), values in sorted(rows.items(), key=lambda pair: (str(pair[0][0]), pair[0][1])):
        whole = join(values)
        if whole is None:
            continue
        now, before = (None if window is None else _median(grid.within(whole, window)) for window in windows)
        shown = grid.series({"signal": name}, whole)
        found.append(
            InnerReading(
                entity=entity, signal=name, part=part, unit=spec.unit, value=now, baseline=before, series=shown
            )
        )
    return found


def _place(spec: InnerSignal, labels: dict[str, str], state: ClusterState) -> tuple[Entity, str] | None:
    """The workload of a pod, or the node; with the number of a device and the pod that holds it."""
    if spec.of == "pod":
        entity = workload_named(state, labels.get("namespace", ""), labels.get("pod", ""))
        return (entity, "") if entity is not None else None
    if spec.of == "node":
        name = labels.get("node") or labels.get("instance", "").split(":")[0]
        return (Entity(kind="Node", name=name), "") if name else None
    name = labels.get("Hostname", "")
    held = f" {labels['namespace']}/{labels['pod']}" if labels.get("pod") else ""
    return (Entity(kind="Node", name=name), f"{labels.get('gpu', '')}{held}") if name else None


def _median(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None
