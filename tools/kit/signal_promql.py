"""One golden signal of one entity as a PromQL expression that people can paste into Prometheus."""

from __future__ import annotations

import json

from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.errors import NotPossibleError
from aiops.tools.kit.pod_names import pods_of
from aiops.tools.kit.signal_sources import TRAFFIC, TrafficSource

UNITS = {
    "rate": "requests/s",
    "error_ratio": "ratio",
    "p50": "s",
    "p99": "s",
    "cpu": "cores",
    "cpu_of_limit": "ratio",
    "throttled": "ratio",
    "memory": "bytes",
    "memory_of_limit": "ratio",
    "restarts": "restarts",
}
"""The unit of each golden signal."""

OVER = "[60s]"
CLIENT_METRICS = ("http_client_request_duration_seconds", "db_client_operation_duration_seconds")
"""OpenTelemetry's names for calls to services and to data stores."""


def signal_promql(entity: Entity, signal: str) -> str:
    """The expression behind a golden signal. Raises `NotPossibleError` where the entity cannot have it."""
    source = next((s for s in TRAFFIC if s.kind == entity.kind), None)
    made = _traffic(source, entity).get(signal) if source else None
    if entity.kind in WORKLOAD_KINDS:
        made = _resources(entity).get(signal)
    if made is None:
        raise NotPossibleError(f"{entity} has no signal {signal!r}")
    return made


def edge_promql(namespace: str, source: Entity, address: str) -> dict[str, tuple[str, str]]:
    """(unit, expression) by name of the calls of a workload to an address, as the caller measured them."""
    labels = f"{pods_of(source)},server_address={json.dumps(address)}"
    if source.kind == "Ingress":
        named = f"namespace={json.dumps(namespace)},ingress={json.dumps(source.name)},service={json.dumps(address)}"
        calls = f"sum(rate(nginx_ingress_controller_requests{{{named}}}{OVER}))"
        failed = f'sum(rate(nginx_ingress_controller_requests{{{named},status=~"5.."}}{OVER}))'
        return {"calls": ("calls/s", calls), "errors": ("ratio", f"({failed} or vector(0)) / {calls}")}
    calls = _summed("count", labels)
    failed = _summed("count", f'{labels},error_type!=""')
    return {
        "calls": ("calls/s", calls),
        "errors": ("ratio", f"({failed} or vector(0)) / ({calls})"),
        "duration": ("s", f"({_summed('sum', labels)}) / ({calls})"),
    }


def _summed(part: str, labels: str) -> str:
    """The rate of whichever kind of client calls there."""
    return " or ".join(f"sum(rate({metric}_{part}{{{labels}}}{OVER}))" for metric in CLIENT_METRICS)


def _traffic(source: TrafficSource, entity: Entity) -> dict[str, str]:
    labels = f"namespace={json.dumps(entity.namespace)},{source.name_label}={json.dumps(entity.name)}"
    rate = f"sum(rate({source.counter}{{{labels}}}{OVER}))"
    failed = f'sum(rate({source.counter}{{{labels},{source.status_label}=~"5.."}}{OVER}))'
    buckets = f"sum by (le) (rate({source.bucket}{{{labels}}}{OVER}))"
    return {
        "rate": rate,
        "error_ratio": f"({failed} or vector(0)) / {rate}",
        "p50": f"histogram_quantile(0.5, {buckets})",
        "p99": f"histogram_quantile(0.99, {buckets})",
    }


def _resources(entity: Entity) -> dict[str, str]:
    pods = pods_of(entity)
    real = f'{pods},container!=""'
    used = f"rate(container_cpu_usage_seconds_total{{{real}}}{OVER})"
    held = f"sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{{{real}}}{OVER}))"
    periods = f"sum by (pod) (rate(container_cpu_cfs_periods_total{{{real}}}{OVER}))"
    memory = f"container_memory_working_set_bytes{{{real}}}"
    cpu_limit = f'sum by (pod) (kube_pod_container_resource_limits{{{pods},resource="cpu"}})'
    memory_limit = f"sum by (pod) (container_spec_memory_limit_bytes{{{real}}} > 0)"
    return {
        "cpu": f"sum({used})",
        "cpu_of_limit": f"max(sum by (pod) ({used}) / {cpu_limit})",
        "throttled": f"max({held} / {periods})",
        "memory": f"sum({memory})",
        "memory_of_limit": f"max(sum by (pod) ({memory}) / {memory_limit})",
        "restarts": f"sum(kube_pod_container_status_restarts_total{{{pods}}})",
    }
