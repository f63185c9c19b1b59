"""What the cluster says of itself: firing alerts, certificates near their end, warnings among its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiops.agents.scan.report import Severity
from aiops.agents.scan.sighting import Sighting, quoted, show
from aiops.agents.scan.workloads import concerned, failing_downstream
from aiops.agents.toolbox import query
from aiops.analysis.state.cluster import ClusterState
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment
from aiops.core.telemetry import Series
from aiops.tools.firing_alerts import Alert, firing_alerts
from aiops.tools.kit.alert_labels import namespace_of
from aiops.tools.kit.certificate_expiry import EXPIRIES, certificate_of
from aiops.tools.metric_query import metric_query

SILENT = ("none", "info")
"""Severities of alerts that wake nobody: heartbeats and inhibitors."""

CRITICAL = ("critical", "page", "error", "emergency")

SOON = 14 * 86400.0
"""Seconds before its end from which a certificate is a warning."""

RECENT = 3600.0
"""Seconds for which an event says something about now."""


def alert_sightings(state: ClusterState, alerts: Iterable[Alert]) -> Iterator[Sighting]:
    """Alerts that fire now, but for heartbeats."""
    for alert in alerts:
        subject = alert.subject
        if alert.severity in SILENT:
            continue
        yield Sighting(
            check=f"alert {alert.name}",
            subject=subject,
            severity=Severity.CRITICAL if alert.severity in CRITICAL else Severity.WARNING,
            title=f"The alert {quoted(alert.name)} fires{'' if subject.kind == 'Cluster' else f' at {subject}'}.",
            detail=quoted(alert.summary),
            query=query(firing_alerts, namespace=namespace_of(alert.labels)),
            since=alert.since,
            workloads=concerned(state, subject),
            downstream=failing_downstream(state, concerned(state, subject)),
        )


def certificate_sightings(state: ClusterState, expiries: Iterable[Series]) -> Iterator[Sighting]:
    """Certificates that have ended or will within two weeks."""
    for series in expiries:
        end = float(series.values[-1]) if len(series.values) else float("inf")
        if not 0 < end < state.now + SOON:
            continue
        over = end <= state.now
        subject = certificate_of(series.labels, end).subject
        yield Sighting(
            check="certificate",
            subject=subject,
            severity=Severity.CRITICAL if over else Severity.WARNING,
            title=f"The certificate {quoted(subject.name)} {'ended' if over else 'ends'} at {rfc3339(end)}.",
            detail=quoted(series.name),
            query=query(metric_query, query=EXPIRIES, window=Window(start=state.now, end=state.now)),
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
