"""A volume in memory, such as /dev/shm, that is too small for what is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiops.analysis.state.before import template_before
from aiops.analysis.state.cluster import ClusterState, statuses
from aiops.analysis.state.events import events_about
from aiops.analysis.state.placing.asking import amount
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at, moment

RECENT = 1800.0
EXCEEDS = re.compile(r'emptyDir volume "(?P<name>[^"]+)" exceeds the limit', re.IGNORECASE)
BUS_ERROR = 135
SHRUNK, SUSPECT, SURE = 0.88, 0.5, 0.95
"""How far a failing pod convinces: its volume is new or shrank, it got a bus error, or was evicted."""


@check("memory-volume")
def memory_volume(state: ClusterState) -> Iterator[Finding]:
    """Failing pods with a bounded volume in memory that is new or shrank, or that were evicted or got a bus error."""
    for workload in state.workloads():
        entity = Entity.of(workload)
        before = _volumes((template_before(state, entity) or {}).get("spec") or {})
        known = template_before(state, entity) is not None
        for pod in state.pods_of(entity):
            failed = _failure(state, pod)
            if failed is None:
                continue
            for name, limit in _volumes(pod["spec"]).items():
                strength = _strength(failed, name, limit, before.get(name), known=known)
                if strength:
                    yield _finding(entity, pod, name, limit, failed, strength)
                    break
            else:
                continue
            break


def _volumes(spec: Manifest) -> dict[str, str]:
    """The limits of the volumes in memory, by name."""
    volumes = ((volume["name"], volume.get("emptyDir") or {}) for volume in spec.get("volumes") or ())
    return {name: source["sizeLimit"] for name, source in volumes if _bounded(source)}


def _bounded(source: Manifest) -> bool:
    return source.get("medium") == "Memory" and source.get("sizeLimit") is not None


def _strength(failed: Manifest, name: str, limit: str, before: str | None, *, known: bool) -> float:
    evicted = EXCEEDS.search(str(failed.get("message", "")))
    if evicted is not None:
        return SURE if evicted["name"] == name else 0.0
    if known and (before is None or amount(limit) < amount(before)):
        return SHRUNK
    return SUSPECT if failed.get("exitCode") == BUS_ERROR else 0.0


def _failure(state: ClusterState, pod: Manifest) -> Manifest | None:
    """How a pod failed lately: its own end, or that of a container."""
    status = pod.get("status") or {}
    if status.get("reason") == "Evicted":
        return {"message": status.get("message", "")}
    for event in events_about(state, Entity.of(pod), "Evicted"):
        return {"message": event.message}
    for one in statuses(pod):
        for part in ("state", "lastState"):
            ended: Manifest = (one.get(part) or {}).get("terminated") or {}
            late = state.now - (moment(ended.get("finishedAt")) or 0.0) < RECENT
            if ended.get("exitCode") and ended.get("reason") != "OOMKilled" and late:
                return ended
    return None


def _finding(entity: Entity, pod: Manifest, name: str, limit: str, failed: Manifest, strength: float) -> Finding:
    path = f"spec.template.spec.volumes[{name}]"
    return Finding(
        subject=entity,
        seen_in=Entity.of(pod),
        summary=f"A pod of {entity} fails with a volume in memory of {limit}.",
        observed=str(failed.get("message") or f"exit code {failed.get('exitCode')}"),
        score=0.9,
        since=created_at(pod),
        suggests=blame(entity, Mechanism.RESOURCE_SHARED_MEMORY, strength, path),
    )
