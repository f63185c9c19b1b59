"""A pod whose processes run but whose readiness probe fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.analysis.state.cluster import ClusterState, container_of, is_ready, moment
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

WARM_UP = 90.0
"""Seconds that a started container may take to become ready."""

HANDLERS = ("httpGet", "tcpSocket", "grpc")


@check("failing-probe")
def failing_probe(state: ClusterState) -> Iterator[Finding]:
    """Running containers, long started and not restarted since, that are not ready."""
    for pod in state.of("Pod"):
        if is_ready(pod) or "deletionTimestamp" in pod["metadata"]:
            continue
        for status in pod.get("status", {}).get("containerStatuses", []):
            started = moment(status.get("state", {}).get("running", {}).get("startedAt"))
            if started is not None and not status.get("ready") and state.now - started > WARM_UP:
                yield _finding(state, pod, status["name"], started)


def _finding(state: ClusterState, pod: Manifest, container: str, started: float) -> Finding:
    seen = Entity.of({"kind": "Pod", **pod})
    subject = state.workload(pod) or seen
    spec = container_of({"spec": pod["spec"]}, container) or {}
    probe = spec.get("readinessProbe", {})
    undeclared = _asks_undeclared_port(probe, spec)
    path = f"spec.template.spec.containers[{container}].readinessProbe"
    strength = 0.9 if undeclared else 0.3
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"Container {container} of {subject} runs but is not ready.",
        observed=f"readinessProbe {probe}" + ("; the container declares no such port" if undeclared else ""),
        score=0.9,
        since=started,
        suggests=blame(
            subject, Mechanism.CONFIG_PROBE, strength, path, _working_probe(state, subject, container, probe)
        ),
    )


def _asks_undeclared_port(probe: Manifest, container: Manifest) -> bool:
    asked = next((probe[h].get("port") for h in HANDLERS if h in probe), None)
    ports = container.get("ports", [])
    if asked is None or not ports:
        return False
    return not any(asked in (p["containerPort"], str(p["containerPort"]), p.get("name")) for p in ports)


def _working_probe(state: ClusterState, workload: Entity, container: str, probe: Manifest) -> Any:
    """The probe of the newest earlier revision that had another one."""
    for template in state.templates(workload):
        earlier = (container_of(template, container) or {}).get("readinessProbe")
        if earlier is not None and earlier != probe:
            return earlier
    return None
