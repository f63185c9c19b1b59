"""What every tool is given: clients, clock, and the limits of what it may look at and change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.loki import LokiClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.changes import ChangeHistory
from aiops.core.clock import Clock
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.runbook import Runbooks
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.tools.kit.traffic_sources import TrafficSources

READS_AT_ONCE = 6
"""Requests of one reader that run at the same time: few enough for a busy API server or Prometheus."""


@dataclass(frozen=True, slots=True)
class Context:
    """`namespaces` is what may be looked at and changed; none: everything. Beside named ones, objects of no namespace
    are changed only with `cluster_changes`. A part that is None is not configured."""

    kube: KubernetesClient
    clock: Clock
    metrics: PrometheusClient | None = None
    traces: JaegerClient | None = None
    logs: LokiClient | None = None
    changes: ChangeHistory | None = None
    runbooks: Runbooks | None = None
    namespaces: tuple[str, ...] = ()
    cluster_changes: bool = False
    read_only: bool = True
    traffic: TrafficSources = field(default_factory=TrafficSources, compare=False)

    def reading_once(self) -> Context:
        """The same for one look at the cluster: what several readers ask for is read once, by whoever asks first.

        It shows things as they were when they were first read, so it is to be given up with the look, and is not for
        whoever watches what becomes of a change."""
        return replace(
            self,
            kube=self.kube.reading_once(),
            metrics=self.metrics.reading_once() if self.metrics else None,
            traces=self.traces.reading_once() if self.traces else None,
            logs=self.logs.reading_once() if self.logs else None,
            changes=self.changes.reading_once() if self.changes else None,
        )

    def allows(self, namespace: str) -> bool:
        """Objects of no namespace (nodes, cluster roles) may always be looked at."""
        return not self.namespaces or not namespace or namespace in self.namespaces

    def may_change(self, namespace: str) -> bool:
        """Objects of no namespace, and of the cluster's own, concern everybody: those who named namespaces must have
        asked for it."""
        everybodys = namespace in ("", SYSTEM_NAMESPACE)
        return not self.namespaces or namespace in self.namespaces or (everybodys and self.cluster_changes)

    def scope(self, namespace: str = "") -> tuple[str, ...]:
        """The namespaces to list for an argument; `""` stands for all of them. The cluster's own namespace may always
        be asked for by its name, as far as the API server lets us: every workload leans on what runs there.

        Raises `RetryWithOtherArgumentsError` for a namespace that may not be looked at."""
        if not self.allows(namespace) and namespace != SYSTEM_NAMESPACE:
            allowed = ", ".join(self.namespaces)
            raise RetryWithOtherArgumentsError(f"namespace {namespace!r} is outside the allowed ones: {allowed}")
        return (namespace,) if namespace else self.namespaces or ("",)
