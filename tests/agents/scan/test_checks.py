"""Nodes, claims, jobs, alerts, certificates and events, from raw objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.agents.scan.infrastructure import claim_sightings, job_sightings, node_sightings
from aiops.agents.scan.notices import alert_sightings, certificate_sightings, event_sightings
from aiops.agents.scan.report import Severity
from aiops.analysis.state.cluster import ClusterState
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.evidence import Query
from aiops.core.telemetry import Series
from aiops.tools.firing_alerts import Alert

NOW = 1_800_000_000.0
DB = Entity(kind="Deployment", namespace="shop", name="db")


def _node(ready: str, *more: dict[str, str], cordoned: bool = False) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": ready, "reason": "R", "lastTransitionTime": rfc3339(NOW - 60)}, *more]
    return {
        "kind": "Node",
        "metadata": {"name": "n1"},
        "spec": {"unschedulable": True} if cordoned else {},
        "status": {"conditions": conditions},
    }


def _deployment() -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": "db"}},
        "spec": {"containers": [], "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]},
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}, "template": template},
    }


@pytest.mark.parametrize("status", ["False", "Unknown"])
def test_a_node_that_is_not_ready_is_critical(status: str) -> None:
    (seen,) = node_sightings(ClusterState([_node(status)], NOW))
    assert (seen.severity, seen.since) == (Severity.CRITICAL, NOW - 60)
    assert "not ready" in seen.title


def test_pressure_is_a_warning_and_a_cordon_is_told() -> None:
    pressure = {"type": "DiskPressure", "status": "True", "reason": "Full", "message": "no space"}
    fine = {"type": "MemoryPressure", "status": "False"}
    seen = list(node_sightings(ClusterState([_node("True", pressure, fine, cordoned=True)], NOW)))
    assert [one.severity for one in seen] == [Severity.WARNING, Severity.INFO]
    assert "DiskPressure" in seen[0].title
    assert "no space" in seen[0].detail


def test_a_healthy_node_is_not_named() -> None:
    assert list(node_sightings(ClusterState([_node("True")], NOW))) == []


def _claim(phase: str, age: float) -> dict[str, Any]:
    meta = {"name": "data", "namespace": "shop", "creationTimestamp": rfc3339(NOW - age)}
    return {"kind": "PersistentVolumeClaim", "metadata": meta, "spec": {}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("phase", "age", "used", "told"),
    [
        ("Pending", 600, True, True),
        ("Pending", 10, True, False),
        ("Pending", 600, False, False),
        ("Lost", 10, False, True),
        ("Bound", 600, True, False),
    ],
)
def test_a_claim_is_told_where_somebody_waits_for_it(phase: str, age: float, used: bool, told: bool) -> None:
    objects = [_claim(phase, age), *([_deployment()] if used else [])]
    seen = list(claim_sightings(ClusterState(objects, NOW)))
    assert bool(seen) == told
    if seen and used:
        assert seen[0].workloads == (DB,)


def test_failed_jobs_of_one_cron_job_have_one_subject() -> None:
    owner = {"kind": "CronJob", "name": "nightly", "controller": True}
    failed = {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
    jobs = [
        {
            "kind": "Job",
            "metadata": {"name": f"nightly-{i}", "namespace": "shop", "ownerReferences": [owner]},
            "spec": {},
            "status": failed if i else {"conditions": [{"type": "Complete", "status": "True"}]},
        }
        for i in range(3)
    ]
    seen = list(job_sightings(ClusterState(jobs, NOW)))
    assert [str(one.subject) for one in seen] == ["CronJob/shop/nightly"] * 2


def test_alerts_that_fire_are_told_and_heartbeats_are_not() -> None:
    def alert(name: str, severity: str) -> Alert:
        labels = {"alertname": name, "namespace": "shop", "deployment": "db"}
        return Alert(name=name, subject=DB, severity=severity, summary="password=hunter2", labels=labels)

    alerts = [alert("Down", "critical"), alert("Slow", "warning"), alert("Watchdog", "none")]
    seen = list(alert_sightings(ClusterState([_deployment()], NOW), alerts))
    assert [(one.check, one.severity) for one in seen] == [
        ("alert Down", Severity.CRITICAL),
        ("alert Slow", Severity.WARNING),
    ]
    assert seen[0].workloads == (DB,)
    assert seen[0].query == Query(tool="firing_alerts", arguments={"namespace": "shop"})
    assert "hunter2" not in seen[0].detail


@pytest.mark.parametrize(
    ("left", "severity"), [(-10.0, Severity.CRITICAL), (86400.0, Severity.WARNING), (90 * 86400.0, None)]
)
def test_certificates_near_their_end(left: float, severity: Severity | None) -> None:
    labels = {"__name__": "x509_cert_not_after", "secret_name": "web-tls", "namespace": "shop"}
    series = Series(labels, np.array([NOW]), np.array([NOW + left]))
    seen = list(certificate_sightings(ClusterState([], NOW), [series]))
    assert [one.severity for one in seen] == ([severity] if severity else [])
    if seen:
        assert str(seen[0].subject) == "Secret/shop/web-tls"


def test_warnings_of_the_last_hour_are_told_about_their_workload() -> None:
    def event(age: float, kind: str = "Warning") -> dict[str, Any]:
        about = {"kind": "Pod", "namespace": "shop", "name": "db-7d9f5c4b8f-x2x4z"}
        return {
            "kind": "Event",
            "metadata": {"name": "e", "namespace": "shop"},
            "involvedObject": about,
            "type": kind,
            "reason": "BackOff",
            "message": "password=hunter2",
            "count": 4,
            "lastTimestamp": rfc3339(NOW - age),
        }

    (seen,) = event_sightings(ClusterState([_deployment()], NOW), [event(10), event(7200), event(10, "Normal")])
    assert str(seen.subject) == "Deployment/shop/db"
    assert seen.times == 4
    assert "hunter2" not in seen.detail
