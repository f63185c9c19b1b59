"""Which metrics the golden signals are made of, as PromQL."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiops.clients.prometheus import PrometheusClient
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.telemetry import FloatArray, Series
from aiops.tools.kit.grid import Grid

SHORTEST_RATE = 60.0
"""Seconds over which a rate is taken: four scrapes of the usual 15 s."""


@dataclass(frozen=True, slots=True)
class TrafficSource:
    """A family of request metrics: a counter, a histogram, the label of the status, and the labels of the entity."""

    kind: str
    name_label: str
    counter: str
    bucket: str
    status_label: str


TRAFFIC = (
    TrafficSource(
        kind="Service",
        name_label="service",
        counter="http_server_request_duration_seconds_count",
        bucket="http_server_request_duration_seconds_bucket",
        status_label="http_response_status_code",
    ),
    TrafficSource(
        kind="Ingress",
        name_label="ingress",
        counter="nginx_ingress_controller_requests",
        bucket="nginx_ingress_controller_request_duration_seconds_bucket",
        status_label="status",
    ),
)


def traffic_queries(source: TrafficSource, namespaces: tuple[str, ...], step: float) -> dict[str, str]:
    """PromQL by what it gives: `rate` and `errors` in requests a second, `p50` and `p99` in seconds."""
    by, over = f"namespace, {source.name_label}", _range(step)
    failed = f'{source.status_label}=~"5.."'
    buckets = f"sum by ({by}, le) (rate({source.bucket}{matchers(namespaces)}{over}))"
    return {
        "rate": f"sum by ({by}) (rate({source.counter}{matchers(namespaces)}{over}))",
        "errors": f"sum by ({by}) (rate({source.counter}{matchers(namespaces, failed)}{over}))",
        "p50": f"histogram_quantile(0.5, {buckets})",
        "p99": f"histogram_quantile(0.99, {buckets})",
    }


def resource_queries(namespaces: tuple[str, ...], step: float) -> dict[str, str]:
    """PromQL by what it gives for each pod; cAdvisor and kube-state-metrics."""
    real, over = matchers(namespaces, 'container!=""'), _range(step)
    limits = matchers(namespaces, 'resource="cpu"')
    return {
        "cpu": f"sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{real}{over}))",
        "cpu_limit": f"sum by (namespace, pod) (kube_pod_container_resource_limits{limits})",
        "throttled": f"sum by (namespace, pod) (rate(container_cpu_cfs_throttled_periods_total{real}{over}))",
        "periods": f"sum by (namespace, pod) (rate(container_cpu_cfs_periods_total{real}{over}))",
        "memory": f"sum by (namespace, pod) (container_memory_working_set_bytes{real})",
        "memory_limit": f"sum by (namespace, pod) (container_spec_memory_limit_bytes{real} > 0)",
        "restarts": f"sum by (namespace, pod) (kube_pod_container_status_restarts_total{matchers(namespaces)})",
    }


def matchers(namespaces: tuple[str, ...], *more: str) -> str:
    """Label matchers in braces; no namespace stands for all of them."""
    parts = list(more)
    if namespaces not in ((), ("",)):
        parts.insert(0, f"namespace=~{json.dumps('|'.join(namespaces))}")
    return "{" + ",".join(parts) + "}" if parts else ""


def _range(step: float) -> str:
    return f"[{max(SHORTEST_RATE, step):.0f}s]"


async def read_all(
    metrics: PrometheusClient, queries: dict[str, str], window: Window, grid: Grid
) -> tuple[dict[str, list[Series]], list[str]]:
    """The series of each query, and what kept the others from being read."""
    found: dict[str, list[Series]] = {}
    failed: list[str] = []
    for name, query in queries.items():
        try:
            found[name] = await metrics.query_range(query, window.start, window.end, grid.step)
        except RemoteError as error:
            found[name] = []
            failed.append(f"{name}: {error}")
    return found, failed


def rows(grid: Grid, series: list[Series], name_label: str) -> dict[tuple[str, str], FloatArray]:
    """Values on the grid by (namespace, name)."""
    return {(one.labels.get("namespace", ""), one.labels.get(name_label, "")): grid.place(one) for one in series}
