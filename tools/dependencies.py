"""Who calls whom, and how well that goes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.model import Value
from aiops.tools.kit.arguments import EntityArg, Limit, Namespace, check_allowed
from aiops.tools.kit.call_metrics import CallFigures, CallKey, read_calls
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded, missing
from aiops.tools.kit.rights import rules
from aiops.tools.kit.telemetry_arguments import BaselineArg
from aiops.tools.kit.topology import TOPOLOGY_KINDS, reached, read_topology, workload_named


class CallStats(Value):
    """Calls of one edge in one window. `error_types` is the share of all calls that failed in each way, 0..1.

    `seconds` is the mean duration; None where it is not known.
    """

    rate: float
    error_ratio: float
    error_types: dict[str, float]
    seconds: float | None = None


class Dependency(Value):
    """An edge of the call graph.

    `source` is the workload or Ingress that calls, `target` the workload that should answer: the Service itself where
    it selects no workload, and `External//ADDRESS` where the address is no Service here. `service` is the Service on
    the way. `now` is None where no calls were seen in the window (the edge is known from the baseline or from traces).
    """

    source: Entity
    target: Entity
    service: Entity | None
    address: str
    port: str = ""
    protocol: str
    now: CallStats | None = None
    baseline: CallStats | None = None


class DependencyGraph(Result):
    """Edges by source and target."""

    edges: tuple[Dependency, ...] = ()


@tool(effect="reads", needs=rules(("list",), *TOPOLOGY_KINDS))
async def dependencies(
    ctx: Context,
    window: Window,
    baseline: BaselineArg = None,
    namespace: Namespace = "",
    limit: Limit = 300,
    source: Annotated[EntityArg | None, Field(description="only calls of this workload or Ingress")] = None,
    address: Annotated[str, Field(description="only calls to this address")] = "",
) -> DependencyGraph:
    """Show the call graph between entry points, workloads, data stores and outside addresses, with errors of each edge.

    The caller's own measurements are used, so a call that never arrived is seen too."""
    if source is not None:
        check_allowed(ctx, source)
    state = await read_topology(ctx, namespace)
    failed: list[str] = []
    now: dict[CallKey, CallFigures] = {}
    before: dict[CallKey, CallFigures] = {}
    if ctx.metrics is None:
        failed.append("no Prometheus is configured")
    else:
        now, failed = await read_calls(ctx.metrics, ctx.scope(namespace), window)
        if baseline is not None:
            before, _ = await read_calls(ctx.metrics, ctx.scope(namespace), baseline)
    edges = _measured(state, now, before)
    traced, untraced = await _traced(ctx, state, window, baseline)
    known = {(edge.source, edge.target) for edge in edges}
    edges += [edge for edge in traced if (edge.source, edge.target) not in known]
    asked = [edge for edge in edges if source in (None, edge.source) and address in ("", edge.address)]
    kept, left_out = bounded(sorted(asked, key=_order), limit)
    empty = None if edges else "no calls were seen"
    return DependencyGraph(edges=kept, left_out=left_out, no_data=missing(*failed, untraced, empty))


def _order(edge: Dependency) -> tuple[str, str, str, str]:
    return str(edge.source), str(edge.target), edge.address, edge.port


def _measured(
    state: ClusterState, now: dict[CallKey, CallFigures], before: dict[CallKey, CallFigures]
) -> list[Dependency]:
    """Edges from metrics: the calls of all pods of one caller to one address are one edge."""
    merged: dict[tuple[Entity, str, str, str, Entity | None], tuple[CallFigures, CallFigures]] = {}
    for key in sorted(now.keys() | before.keys()):
        source = _caller(state, key)
        found = state.service_of_host(key.address, key.namespace)
        service = Entity.of(found) if found else None
        pair = merged.setdefault((source, key.address, key.port, key.protocol, service), (CallFigures(), CallFigures()))
        for figures, read in zip(pair, (now, before), strict=True):
            if key in read:
                figures.add(read[key])
    return [
        Dependency(
            source=source,
            target=target,
            service=service,
            address=address,
            port=port,
            protocol=protocol,
            now=_stats(pair[0]),
            baseline=_stats(pair[1]),
        )
        for (source, address, port, protocol, service), pair in merged.items()
        for target in _answering(state, service, address)
    ]


def _caller(state: ClusterState, key: CallKey) -> Entity:
    if key.ingress:
        return Entity(kind="Ingress", namespace=key.namespace, name=key.ingress)
    workload = workload_named(state, key.namespace, key.pod)
    return workload or Entity(kind="Pod", namespace=key.namespace, name=key.pod)


def _answering(state: ClusterState, service: Entity | None, address: str) -> tuple[Entity, ...]:
    if service is None:
        return (Entity(kind="External", name=address),)
    return reached(state, service) or (service,)


def _stats(figures: CallFigures) -> CallStats | None:
    if figures.rate <= 0:
        return None
    shares = {kind: rate / figures.rate for kind, rate in sorted(figures.failed.items()) if rate > 0}
    return CallStats(
        rate=figures.rate,
        error_ratio=min(sum(shares.values()), 1.0),
        error_types=shares,
        seconds=figures.busy / figures.rate if figures.busy > 0 else None,
    )


async def _traced(
    ctx: Context, state: ClusterState, window: Window, baseline: Window | None
) -> tuple[list[Dependency], str | None]:
    """Edges that traces show: they have no rates, because traces are sampled."""
    if ctx.traces is None:
        return [], "no Jaeger is configured"
    start = min(window.start, baseline.start) if baseline else window.start
    try:
        calls = await ctx.traces.dependencies(start, window.end)
    except RemoteError as error:
        return [], str(error)
    by_name = {service.name: service for service in map(Entity.of, state.of("Service"))}
    edges: list[Dependency] = []
    for call in calls:
        parent, child = by_name.get(call.parent), by_name.get(call.child)
        if parent is not None and child is not None and parent != child:
            edges += _traced_edges(state, parent, child)
    return edges, None


def _traced_edges(state: ClusterState, parent: Entity, child: Entity) -> list[Dependency]:
    return [
        Dependency(source=source, target=target, service=child, address=child.name, protocol="traced")
        for source in reached(state, parent) or (parent,)
        for target in reached(state, child) or (child,)
    ]
