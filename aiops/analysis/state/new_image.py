"""Which image a container ran before its workload was rolled out lately."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState, container_of, moment, pod_template
from aiops.analysis.state.owners import controller
from aiops.core.entity import Entity

LATELY = 7200.0
"""Seconds for which a rollout is new: what it broke shows within that time, or has another cause."""


def image_before(state: ClusterState, workload: Entity, container: str) -> str | None:
    """The image of the revision before a Deployment's present one, where that is new and has another image."""
    manifest = state.find(workload.kind, workload.namespace, workload.name)
    spec = container_of(pod_template(manifest), container) if manifest else None
    earlier = state.templates(workload)
    if spec is None or not earlier or not _is_new(state, workload):
        return None
    before = (container_of(earlier[0], container) or {}).get("image")
    return str(before) if before and before != spec.get("image") else None


def _is_new(state: ClusterState, workload: Entity) -> bool:
    """Was the newest of its ReplicaSets made lately?"""
    made = [
        moment(item["metadata"].get("creationTimestamp"))
        for item in state.of("ReplicaSet", workload.namespace)
        if controller(item) == (workload.kind, workload.name)
    ]
    return max((at for at in made if at is not None), default=0.0) > state.now - LATELY
