"""Is telemetry there, and has it what the tools read?"""

from __future__ import annotations

from aiops.agents.connect.report import MetricFamily, Telemetry, TrafficFamily
from aiops.analysis.signals.families import families as known_families
from aiops.analysis.signals.recognising import recognised
from aiops.clients.loki import LokiClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.errors import InvalidInputError, RemoteError
from aiops.core.telemetry import Series
from aiops.tools.kit.call_metrics import CLIENTS
from aiops.tools.kit.context import Context

FAMILIES: tuple[tuple[str, str], ...] = (
    *((f"{metric}_count", f"calls between workloads ({protocol})") for protocol, metric, _ in CLIENTS),
    ("container_cpu_usage_seconds_total", "CPU of pods"),
    ("container_cpu_cfs_throttled_periods_total", "CPU throttling of pods"),
    ("container_memory_working_set_bytes", "memory of pods"),
    ("kube_pod_container_resource_limits", "use of limits"),
    ("kube_pod_container_status_restarts_total", "restarts"),
)
"""The metrics that the tools read, and what for."""


_RECENTLY = 3600.0


async def telemetry(ctx: Context) -> tuple[Telemetry, ...]:
    """Prometheus and Jaeger, whether they are configured or not; Loki, which nothing needs, where it is."""
    optional = () if ctx.logs is None else (await _loki(ctx.logs, await ctx.clock.sync()),)
    return await _prometheus(ctx), await _jaeger(ctx), *optional


async def _traffic(metrics: PrometheusClient, now: float) -> tuple[TrafficFamily, ...]:
    async def ask(promql: str) -> list[Series]:
        return await metrics.query(promql, now)

    found = []
    for one in await recognised(ask):
        by = ", ".join(one.told.labels)
        there = len(await ask(f"count by ({by}) ({one.family.requests})"))
        found.append(TrafficFamily(title=one.family.title, kind=one.told.kind, entities=there, labels=one.told.labels))
    return tuple(found)


async def _prometheus(ctx: Context) -> Telemetry:
    if ctx.metrics is None:
        return Telemetry(name="Prometheus", configured=False, detail="set AIOPS_PROMETHEUS_URL")
    names = "|".join(name for name, _ in FAMILIES)
    try:
        now = await ctx.clock.sync()
        found = await ctx.metrics.query(f'count by (__name__) ({{__name__=~"{names}"}})', now)
        traffic = await _traffic(ctx.metrics, now)
    except (RemoteError, InvalidInputError) as error:
        return Telemetry(name="Prometheus", configured=True, detail=str(error))
    there = {series.name for series in found}
    families = tuple(MetricFamily(name=name, used_for=use, there=name in there) for name, use in FAMILIES)
    absent = sum(not family.there for family in families)
    detail = (
        f"{absent} of the {len(families)} metric families that the tools read are not there"
        if absent
        else "all metrics there"
    )
    if not traffic:
        titles = ", ".join(family.title for family in known_families())
        detail += f"; no request metrics were recognised (known: {titles})"
    return Telemetry(
        name="Prometheus", configured=True, reachable=True, detail=detail, families=families, recognised=traffic
    )


async def _jaeger(ctx: Context) -> Telemetry:
    if ctx.traces is None:
        return Telemetry(name="Jaeger", configured=False, detail="set AIOPS_JAEGER_URL")
    try:
        services = await ctx.traces.services()
    except RemoteError as error:
        return Telemetry(name="Jaeger", configured=True, detail=str(error))
    return Telemetry(name="Jaeger", configured=True, reachable=True, detail=f"traces of {len(services)} services")


async def _loki(logs: LokiClient, now: float) -> Telemetry:
    try:
        names = await logs.label_values("namespace", now - _RECENTLY, now)
    except RemoteError as error:
        return Telemetry(name="Loki", configured=True, detail=str(error))
    detail = f"logs of {len(names)} namespaces" if names else "no stream has a label 'namespace'"
    return Telemetry(name="Loki", configured=True, reachable=True, detail=detail)
