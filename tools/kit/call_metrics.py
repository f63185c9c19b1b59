"""Outgoing calls as the callers measured them: OpenTelemetry's HTTP and database clients, and the ingress."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from aiops.clients.prometheus import PrometheusClient
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.telemetry import Series
from aiops.tools.kit.signal_sources import INGRESS_REQUESTS, braces, in_namespaces

CLIENTS = (
    ("http", "http_client_request_duration_seconds", "namespace, pod, server_address, server_port"),
    ("db", "db_client_operation_duration_seconds", "namespace, pod, server_address, server_port, db_system_name"),
)


class CallKey(NamedTuple):
    """One caller and the address that it calls. `protocol` is `http` or the name of the database system."""

    namespace: str
    pod: str
    ingress: str
    address: str
    port: str
    protocol: str


@dataclass(slots=True)
class CallFigures:
    """Calls a second, those that failed by error type, and seconds spent in calls a second."""

    rate: float = 0.0
    failed: dict[str, float] = field(default_factory=dict)
    busy: float = 0.0

    def add(self, other: CallFigures) -> None:
        """Count the calls of another one in."""
        self.rate += other.rate
        self.busy += other.busy
        for kind, rate in other.failed.items():
            self.failed[kind] = self.failed.get(kind, 0.0) + rate


async def read_calls(
    metrics: PrometheusClient, namespaces: tuple[str, ...], window: Window
) -> tuple[dict[CallKey, CallFigures], list[str]]:
    """Figures by caller and address, means over the window, and what kept others from being read."""
    found: dict[CallKey, CallFigures] = {}
    failed: list[str] = []
    over = f"{braces(in_namespaces(namespaces))}[{max(window.end - window.start, 1):.0f}s]"
    ingress = f"sum by (namespace, ingress, service, status) (rate({INGRESS_REQUESTS}"
    for protocol, metric, labels in CLIENTS:
        counts = await _ask(metrics, f"sum by ({labels}, error_type) (rate({metric}_count{over}))", window.end, failed)
        sums = await _ask(metrics, f"sum by ({labels}) (rate({metric}_sum{over}))", window.end, failed)
        for one, rate in counts:
            figures = found.setdefault(_key(one, protocol), CallFigures())
            figures.add(CallFigures(rate, {one["error_type"]: rate} if one.get("error_type") else {}))
        for one, busy in sums:
            found.setdefault(_key(one, protocol), CallFigures()).busy += busy
    for one, rate in await _ask(metrics, f"{ingress}{over}))", window.end, failed):
        status = one.get("status", "")
        figures = found.setdefault(_key(one, "http"), CallFigures())
        figures.add(CallFigures(rate, {status: rate} if status.startswith("5") else {}))
    return found, failed


async def _ask(
    metrics: PrometheusClient, query: str, at: float, failed: list[str]
) -> list[tuple[dict[str, str], float]]:
    try:
        series = await metrics.query(query, at)
    except RemoteError as error:
        failed.append(str(error))
        return []
    return [(one.labels, value) for one in series if (value := _value(one)) is not None]


def _value(series: Series) -> float | None:
    value = float(series.values[-1]) if series.values.size else float("nan")
    return value if value >= 0 else None


def _key(labels: dict[str, str], protocol: str) -> CallKey:
    return CallKey(
        namespace=labels.get("namespace", ""),
        pod=labels.get("pod", ""),
        ingress=labels.get("ingress", ""),
        address=labels.get("server_address") or labels.get("service", ""),
        port=labels.get("server_port", ""),
        protocol=labels.get("db_system_name", protocol),
    )
