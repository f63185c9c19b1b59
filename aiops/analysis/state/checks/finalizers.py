"""An object that cannot go, because a finalizer is on it which nobody removes."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

HANDLED_WITHIN = 120.0
"""Seconds within which those who put a finalizer on an object handle its deletion."""

BUILT_IN = ("kubernetes.io/", "kubernetes", "foregroundDeletion", "orphan", "external-attacher/")
"""Finalizers, by prefix, of Kubernetes itself: they wait for a reason that other checks tell."""

LOOKED_AT = (
    "Namespace",
    "Node",
    "PersistentVolume",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Service",
    "ReplicaSet",
    "Pod",
    "ConfigMap",
    "Ingress",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
    "ServiceAccount",
)


@check("stuck-finalizer")
def stuck_finalizer(state: ClusterState) -> Iterator[Finding]:
    """Objects that were deleted a while ago and still wait for somebody's finalizer."""
    for kind in LOOKED_AT:
        for item in state.of(kind):
            meta = item["metadata"]
            deleted = moment(meta.get("deletionTimestamp"))
            others = [name for name in meta.get("finalizers") or [] if not name.startswith(BUILT_IN)]
            if deleted is None or not others or state.now - deleted < HANDLED_WITHIN + _grace(meta):
                continue
            yield _finding(state, item, deleted, others)


def _grace(meta: Manifest) -> float:
    return float(meta.get("deletionGracePeriodSeconds") or 0)


def _finding(state: ClusterState, item: Manifest, deleted: float, names: list[str]) -> Finding:
    entity = Entity.of(item)
    owner = state.workload(item) if entity.kind == "Pod" else None
    return Finding(
        subject=owner or entity,
        seen_in=entity,
        summary=f"{entity} was deleted and cannot go: nobody removes its finalizer {names[0]}.",
        observed=f"finalizers {', '.join(names)}; deleted {state.now - deleted:.0f} s ago",
        score=0.8,
        since=deleted,
        suggests=blame(entity, Mechanism.CONFIG_FINALIZER, 0.9, "metadata.finalizers"),
    )
