"""The golden signals as one table: which metrics each is made of, its unit, and its PromQL.

What evidence is computed from and what its chart shows are the same expressions, with other matchers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from aiops.analysis.signals.families import Recognised, Told, families
from aiops.core.entity import Entity
from aiops.tools.kit.pod_names import pods_of

SignalName = Literal[
    "rate",
    "error_ratio",  # of requests that failed with a 5xx status, 0..1
    "p50",
    "p99",
    "cpu",  # of all pods
    "cpu_of_limit",  # 0..1, of the busiest pod
    "throttled",  # share of CPU periods in which a pod was held back, 0..1, of the worst pod
    "memory",  # working set of all pods
    "memory_of_limit",  # 0..1, of the fullest pod
    "restarts",  # container restarts that the pods count
]

UNITS: dict[SignalName, str] = {
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

SHORTEST_RATE = 60.0
"""Seconds over which a rate is taken: four scrapes of the usual 15 s."""

INGRESS_REQUESTS = "nginx_ingress_controller_requests"


@dataclass(frozen=True, slots=True)
class TrafficSource:
    """A family of request metrics in a cluster: how its series tell whom they are about, its counter, the histogram of
    durations whose unit is `scale` seconds, and the label matchers of what counts and of what failed."""

    told: Told
    counter: str
    bucket: str
    failed: str
    only: str = ""
    scale: float = 1.0

    @property
    def kind(self) -> str:
        """The kind of the entities."""
        return self.told.kind

    @property
    def name_label(self) -> str:
        """The label of the entity's name."""
        return self.told.name

    def of_entity(self, entity: Entity) -> str:
        """Label matchers without braces that take the series of one entity."""
        name, namespace = json.dumps(entity.name), json.dumps(entity.namespace)
        if self.told.written:
            start = json.dumps(f"{re.escape(entity.namespace)}-{re.escape(entity.name)}-[^-]+@.*")
            return f"{self.told.name}=~{start}"
        at_home = (f"{self.told.namespace}={namespace}",) if self.told.namespace else ()
        return ",".join((*at_home, f"{self.told.name}={name}"))

    def of_namespaces(self, namespaces: tuple[str, ...]) -> str:
        """The same for all entities of these namespaces; no namespace stands for all of them."""
        return in_namespaces(namespaces, self.told.namespace) if self.told.namespace else ""


def source_of(found: Recognised) -> TrafficSource:
    """A family that a cluster has, as the tools read it."""
    family = found.family
    return TrafficSource(
        told=found.told,
        counter=family.requests,
        bucket=f"{family.duration}_bucket",
        failed=family.failed,
        only=family.only,
        scale=family.scale,
    )


def _usual(name: str, namespace_label: str) -> TrafficSource:
    (family,) = (one for one in families() if one.name == name)
    told = next(one for one in family.told_by if one.namespace == namespace_label)
    return source_of(Recognised(family=family, told=told))


TRAFFIC = (_usual("opentelemetry-http", "namespace"), _usual("ingress-nginx", "namespace"))
"""What is asked for where a cluster was not looked at yet, or has nothing that is known."""


def traffic_promql(source: TrafficSource, match: str, step: float) -> dict[SignalName, str]:
    """One series an entity that `match` (label matchers without braces) takes, with the labels that tell of it."""
    by, over = ", ".join(source.told.labels), rate_window(step)
    failed = braces(source.only, match, source.failed)
    match = ",".join(part for part in (source.only, match) if part)
    scale = "" if source.scale == 1.0 else f" * {source.scale:g}"
    rate = f"sum by ({by}) (rate({source.counter}{braces(match)}{over}))"
    errors = f"sum by ({by}) (rate({source.counter}{failed}{over}))"
    buckets = f"sum by ({by}, le) (rate({source.bucket}{braces(match)}{over}))"
    return {
        "rate": rate,
        "error_ratio": f"({errors} or {rate} * 0) / {rate}",
        "p50": f"histogram_quantile(0.5, {buckets}){scale}",
        "p99": f"histogram_quantile(0.99, {buckets}){scale}",
    }


OF_ITS_PODS: dict[SignalName, Literal["sum", "max"]] = {
    "cpu": "sum",
    "cpu_of_limit": "max",
    "throttled": "max",
    "memory": "sum",
    "memory_of_limit": "max",
    "restarts": "sum",
}
"""What a signal of a workload is of those of its pods."""


def resource_promql(match: str, step: float) -> dict[SignalName, str]:
    """One series a pod that `match` takes, with its namespace and name; cAdvisor and kube-state-metrics."""
    real, over = braces(match, 'container!=""'), rate_window(step)
    cpu = _by_pod(f"rate(container_cpu_usage_seconds_total{real}{over})")
    memory = _by_pod(f"container_memory_working_set_bytes{real}")
    cpu_limit = _by_pod("kube_pod_container_resource_limits" + braces(match, 'resource="cpu"'))
    held = _by_pod(f"rate(container_cpu_cfs_throttled_periods_total{real}{over})")
    return {
        "cpu": cpu,
        "cpu_of_limit": f"{cpu} / {cpu_limit}",
        "throttled": f"{held} / {_by_pod(f'rate(container_cpu_cfs_periods_total{real}{over})')}",
        "memory": memory,
        "memory_of_limit": f"{memory} / {_by_pod(f'container_spec_memory_limit_bytes{real} > 0')}",
        "restarts": _by_pod(f"kube_pod_container_status_restarts_total{braces(match)}"),
    }


def workload_promql(workload: Entity, step: float) -> dict[SignalName, str]:
    """One series of a workload: its pods are told by their names."""
    each = resource_promql(pods_of(workload), step)
    return {name: f"{OF_ITS_PODS[name]}({promql})" for name, promql in each.items()}


def in_namespaces(namespaces: tuple[str, ...], label: str = "namespace") -> str:
    """Label matchers without braces; no namespace stands for all of them."""
    return "" if namespaces in ((), ("",)) else f"{label}=~{json.dumps('|'.join(namespaces))}"


def braces(*matchers: str) -> str:
    """Label matchers in braces; nothing where there are none."""
    parts = [part for part in matchers if part]
    return "{" + ",".join(parts) + "}" if parts else ""


def rate_window(step: float) -> str:
    """The range of a rate whose points are `step` seconds apart: no sample is left out."""
    return f"[{max(SHORTEST_RATE, step):.0f}s]"


def _by_pod(promql: str) -> str:
    return f"sum by (namespace, pod) ({promql})"
