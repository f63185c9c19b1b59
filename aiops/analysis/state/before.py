"""How a workload's pods were before it was rolled out lately."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState, container_of, pod_template
from aiops.analysis.state.owners import controller
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import created_at

LATELY = 7200.0
"""Seconds for which a rollout is new: what it broke shows within that time, or has another cause."""


def template_before(state: ClusterState, workload: Entity) -> Manifest | None:
    """The pod template of the revision before the present one, where that is new; None where nothing was rolled out
    lately, or nothing of it is kept."""
    earlier = state.templates(workload)
    return earlier[0] if earlier and _is_new(state, workload) else None


def container_before(state: ClusterState, workload: Entity, name: str) -> Manifest | None:
    """A container of that template; None also where it had none of this name."""
    return container_of(template_before(state, workload) or {}, name)


def image_before(state: ClusterState, workload: Entity, container: str) -> str | None:
    """The image of the revision before, where that had another one."""
    manifest = state.find(workload.kind, workload.namespace, workload.name)
    spec = container_of(pod_template(manifest), container) if manifest else None
    before = (container_before(state, workload, container) or {}).get("image")
    return str(before) if spec and before and before != spec.get("image") else None


def _is_new(state: ClusterState, workload: Entity) -> bool:
    """Was the newest of its revisions made lately?"""
    kind = "ReplicaSet" if workload.kind == "Deployment" else "ControllerRevision"
    made = [
        created_at(item)
        for item in state.of(kind, workload.namespace)
        if controller(item) == (workload.kind, workload.name)
    ]
    return max((at for at in made if at is not None), default=0.0) > state.now - LATELY
