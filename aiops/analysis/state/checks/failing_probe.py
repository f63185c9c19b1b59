"""A pod whose processes run but whose readiness probe fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.analysis.state.before import container_before, template_before
from aiops.analysis.state.cluster import ClusterState, container_of, is_ready
from aiops.analysis.state.containers.probe_failures import asks_undeclared_port, own_fault, said_of
from aiops.analysis.state.containers.roles import is_helper
from aiops.analysis.state.makers import subject_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

WARM_UP = 90.0
"""Seconds that a started container may take to become ready."""

CHANGED, UNDECLARED, NEW_HELPER, HELPER = 0.9, 0.9, 0.9, 0.6
"""Strength where the probe came with the newest revision, asks a port that is not declared, and where it is not the
program that is not ready, by whether that container was there before."""


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
    seen = Entity.of(pod)
    subject = subject_of(state, pod)
    spec = container_of({"spec": pod["spec"]}, container) or {}
    probe = spec.get("readinessProbe", {})
    undeclared = asks_undeclared_port(probe, spec)
    said = said_of(state, seen, "Readiness")
    notes = ("; the container declares no such port" if undeclared else "") + (f"; {said}" if said else "")
    return Finding(
        subject=subject,
        seen_in=seen,
        summary=f"Container {container} of {subject} runs but is not ready.",
        observed=f"readinessProbe {probe}{notes}",
        score=0.9,
        since=started,
        suggests=_suggests(state, pod, subject, container, said),
    )


def _suggests(state: ClusterState, pod: Manifest, subject: Entity, container: str, said: str) -> tuple[Hypothesis, ...]:
    place = f"spec.template.spec.containers[{container}]"
    spec = container_of({"spec": pod["spec"]}, container) or {}
    probe = spec.get("readinessProbe", {})
    before, template = container_before(state, subject, container), template_before(state, subject)
    if is_helper({"metadata": pod["metadata"], "spec": pod["spec"]}, subject.name, container):
        new = template is not None and before is None
        return blame(subject, Mechanism.CONFIG_SIDECAR, NEW_HELPER if new else HELPER, place)
    strength = own_fault(said)
    if asks_undeclared_port(probe, spec):
        strength = UNDECLARED
    elif before is not None and before.get("readinessProbe") != probe:
        strength = CHANGED
    wanted = _working_probe(state, subject, container, probe)
    return blame(subject, Mechanism.CONFIG_PROBE, strength, f"{place}.readinessProbe", wanted)


def _working_probe(state: ClusterState, workload: Entity, container: str, probe: Manifest) -> Any:
    """The probe of the newest earlier revision that had another one."""
    for template in state.templates(workload):
        earlier = (container_of(template, container) or {}).get("readinessProbe")
        if earlier is not None and earlier != probe:
            return earlier
    return None
