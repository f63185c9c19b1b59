"""Is telemetry there, and has it what the tools read?"""

from __future__ import annotations

from aiops.agents.connect.report import MetricFamily, Telemetry
from aiops.clients.loki import LokiClient
from aiops.core.errors import InvalidInputError, RemoteError
from aiops.tools.kit.call_metrics import CLIENTS
from aiops.tools.kit.context import Context
from aiops.tools.kit.signal_sources import TRAFFIC

FAMILIES: tuple[tuple[str, str], ...] = (
    *((source.counter, f"requests and errors of {source.kind} objects") for source in TRAFFIC),
    *((source.bucket, f"latency of {source.kind} objects") for source in TRAFFIC),
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


async def _prometheus(ctx: Context) -> Telemetry:
    if ctx.metrics is None:
        return Telemetry(name="Prometheus", configured=False, detail="set AIOPS_PROMETHEUS_URL")
    names = "|".join(name for name, _ in FAMILIES)
    try:
        found = await ctx.metrics.query(f'count by (__name__) ({{__name__=~"{names}"}})', await ctx.clock.sync())
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
    return Telemetry(name="Prometheus", configured=True, reachable=True, detail=detail, families=families)


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
