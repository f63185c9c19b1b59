"""A container that the kubelet restarts because its liveness or startup probe fails."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.before import container_before
from aiops.analysis.state.cluster import ClusterState, container_of
from aiops.analysis.state.containers.probe_failures import RECENT, asks_undeclared_port, own_fault
from aiops.analysis.state.containers.roles import is_helper
from aiops.analysis.state.events import events_about
from aiops.analysis.state.makers import subject_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at, moment

PROBES = {"Liveness": "livenessProbe", "Startup": "startupProbe"}

CHANGED, UNDECLARED, EAGER = 0.9, 0.9, 0.7
"""Strength where the probe came with the newest revision, asks a port that is not declared, and where it kills what has
not had the time to start."""

YOUNG = 30.0
"""Seconds for which a container that is killed lived at most, to have been killed before it was up."""


@check("killed-by-probe")
def killed_by_probe(state: ClusterState) -> Iterator[Finding]:
    """Containers that were restarted while their liveness or startup probe failed."""
    said: set[tuple[Entity, str]] = set()
    for pod in state.of("Pod"):
        seen = Entity.of(pod)
        subject = subject_of(state, pod)
        for probe, message, began in _failing(state, seen):
            for status in pod.get("status", {}).get("containerStatuses", []):
                spec = container_of({"spec": pod["spec"]}, status["name"]) or {}
                restarted = status.get("restartCount", 0) > 0 and PROBES[probe] in spec
                if restarted and (subject, status["name"]) not in said:
                    said.add((subject, status["name"]))
                    yield _finding(state, pod, subject, status, probe, message, began)


def _failing(state: ClusterState, pod: Entity) -> Iterator[tuple[str, str, float]]:
    """(probe, message, since) of the probes that failed lately and kill where they fail."""
    for event in events_about(state, pod, "Unhealthy"):
        probe = event.message.partition(" ")[0]
        if probe in PROBES and state.now - event.last_at < RECENT:
            yield probe, event.message, event.first_at


def _finding(
    state: ClusterState, pod: Manifest, subject: Entity, status: Manifest, probe: str, message: str, began: float
) -> Finding:
    container = status["name"]
    return Finding(
        subject=subject,
        seen_in=Entity.of(pod),
        summary=f"Container {container} of {subject} is restarted because its {PROBES[probe]} fails.",
        observed=f"{message}; {status.get('restartCount', 0)} restart(s)",
        score=1.0,
        since=began or created_at(pod),
        suggests=_suggests(state, pod, subject, status, PROBES[probe], message),
    )


def _suggests(
    state: ClusterState, pod: Manifest, subject: Entity, status: Manifest, probe: str, message: str
) -> tuple[Hypothesis, ...]:
    container = status["name"]
    place = f"spec.template.spec.containers[{container}]"
    if is_helper({"metadata": pod["metadata"], "spec": pod["spec"]}, subject.name, container):
        return blame(subject, Mechanism.CONFIG_SIDECAR, UNDECLARED, place)
    spec = container_of({"spec": pod["spec"]}, container) or {}
    before = container_before(state, subject, container)
    strength = own_fault(message)
    if before is not None and before.get(probe) != spec.get(probe):
        strength = CHANGED
    elif asks_undeclared_port(spec.get(probe) or {}, spec):
        strength = UNDECLARED
    elif _killed_young(status):
        strength = EAGER
    return blame(subject, Mechanism.CONFIG_PROBE, strength, f"{place}.{probe}", (before or {}).get(probe))


def _killed_young(status: Manifest) -> bool:
    """Did it live for too short a time to have been up before?"""
    ended = status.get("lastState", {}).get("terminated") or status.get("state", {}).get("terminated") or {}
    started, finished = moment(ended.get("startedAt")), moment(ended.get("finishedAt"))
    return started is not None and finished is not None and finished - started < YOUNG
