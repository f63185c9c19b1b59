"""What the cluster says of itself: firing alerts, certificates near their end, warnings among its events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aiops.agents.scan.reading import EXPIRIES
from aiops.agents.scan.report import Severity
from aiops.agents.scan.sighting import Sighting, quoted, show
from aiops.agents.scan.workloads import concerned, failing_downstream
from aiops.agents.scoping.find_scope import LABELS, NAMESPACE_LABELS
from aiops.agents.toolbox import query
from aiops.analysis.state.cluster import ClusterState
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import InvalidInputError
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.core.telemetry import Series
from aiops.tools.kit.pod_state import moment
from aiops.tools.metric_query import metric_query

SILENT = ("none", "info")
"""Severities of alerts that wake nobody: heartbeats and inhibitors."""

CRITICAL = ("critical", "page", "error", "emergency")

SOON = 14 * 86400.0
"""Seconds before its end from which a certificate is a warning."""

RECENT = 3600.0
"""Seconds for which an event says something about now."""

CERTIFICATE_LABELS = ("exported_namespace", "namespace")
CERTIFICATE_NAMES = ("name", "secret_name", "host", "instance", "subject_CN")


def alert_sightings(state: ClusterState, alerts: list[dict[str, Any]]) -> Iterator[Sighting]:
    """Alerts that fire now."""
    for alert in alerts:
        labels: dict[str, str] = alert.get("labels", {})
        if alert.get("state") != "firing" or labels.get("severity", "").lower() in SILENT:
            continue
        name, subject = labels.get("alertname", ""), alert_subject(labels)
        said = alert.get("annotations", {})
        yield Sighting(
            check=f"alert {name}",
            subject=subject,
            severity=Severity.CRITICAL if labels.get("severity", "").lower() in CRITICAL else Severity.WARNING,
            title=f"The alert {quoted(name)} fires{'' if subject.kind == 'Cluster' else f' at {subject}'}.",
            detail=quoted(said.get("summary") or said.get("description") or ""),
            query=_series(f'ALERTS{{alertname={json.dumps(name)},alertstate="firing"}}', state.now),
            since=_active_since(alert),
            workloads=concerned(state, subject),
            downstream=failing_downstream(state, concerned(state, subject)),
        )


def alert_subject(labels: dict[str, str]) -> Entity:
    """The object that an alert's labels name; its namespace, or the cluster, where they name none."""
    namespace = next((labels[label] for label in NAMESPACE_LABELS if labels.get(label)), "")
    for label, kind in LABELS:
        if labels.get(label):
            return Entity(kind=kind, namespace=namespace, name=labels[label])
    if labels.get("node"):
        return Entity(kind="Node", name=labels["node"])
    return Entity(kind="Namespace", name=namespace) if namespace else Entity(kind="Cluster", name="cluster")


def _active_since(alert: dict[str, Any]) -> float | None:
    try:
        return moment(alert.get("activeAt"))
    except InvalidInputError:
        return None


def certificate_sightings(state: ClusterState, expiries: list[Series]) -> Iterator[Sighting]:
    """Certificates that have ended or will within two weeks."""
    for series in expiries:
        end = float(series.values[-1]) if len(series.values) else float("inf")
        if not 0 < end < state.now + SOON:
            continue
        over = end <= state.now
        namespace = next((series.labels[key] for key in CERTIFICATE_LABELS if series.labels.get(key)), "")
        name = next((series.labels[key] for key in CERTIFICATE_NAMES if series.labels.get(key)), "certificate")
        subject = Entity(
            kind="Secret" if "secret_name" in series.labels else "Certificate", namespace=namespace, name=name
        )
        yield Sighting(
            check="certificate",
            subject=subject,
            severity=Severity.CRITICAL if over else Severity.WARNING,
            title=f"The certificate {quoted(name)} {'ended' if over else 'ends'} at {rfc3339(end)}.",
            detail=quoted(series.name),
            query=_series(EXPIRIES, state.now),
            since=end if over else None,
            mechanism=Mechanism.TLS_CERTIFICATE_EXPIRED if over else None,
            strength=0.9 if over else 0.0,
            workloads=concerned(state, subject),
        )


def event_sightings(state: ClusterState, events: list[Manifest]) -> Iterator[Sighting]:
    """Warnings of the last hour."""
    for event in events:
        about = event.get("involvedObject", {})
        last = last_seen(event)
        if event.get("type") != "Warning" or not about.get("name") or last is None or state.now - last > RECENT:
            continue
        entity = Entity(kind=about.get("kind", ""), namespace=about.get("namespace", ""), name=about["name"])
        workloads = concerned(state, entity)
        subject = workloads[0] if len(workloads) == 1 else entity
        reason = quoted(event.get("reason", ""))
        yield Sighting(
            check=f"event {reason}",
            subject=subject,
            severity=Severity.INFO,
            title=f"Kubernetes warns of {reason} at {subject}.",
            detail=quoted(event.get("message", "")),
            query=show(entity),
            since=last,
            workloads=workloads,
            times=max(int(event.get("count") or (event.get("series") or {}).get("count") or 1), 1),
        )


def last_seen(event: Manifest) -> float | None:
    """When an event happened last, in unix seconds."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return next((moment(text) for text in times if text), None)


def _series(promql: str, now: float) -> Any:
    return query(metric_query, query=promql, window=Window(start=now - 300, end=now))
