"""Which workloads mount a claim, and which of them came last."""

from __future__ import annotations

from aiops.analysis.state.before import template_before
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.makers import maker_of
from aiops.core.entity import Entity, Manifest
from aiops.core.moments import created_at

APART = 300.0
"""Seconds by which what was installed together may differ in age."""


def mounts(spec: Manifest) -> list[str]:
    """The claims that a pod with this spec mounts, each once."""
    sources = (volume.get("persistentVolumeClaim") for volume in spec.get("volumes") or ())
    return list(dict.fromkeys(source["claimName"] for source in sources if source))


def users_of(state: ClusterState, claim: Entity) -> list[Entity]:
    """What made the pods that mount a claim, by name."""
    pods = [pod for pod in state.of("Pod", claim.namespace) if claim.name in mounts(pod["spec"])]
    return sorted({maker_of(state, pod) for pod in pods}, key=str)


def newcomers(state: ClusterState, claim: Entity, since: float) -> list[Entity]:
    """Those that mount it only since `since` (unix seconds), made or changed since then, where others did before."""
    users = users_of(state, claim)
    made = {user: _made(state, user) for user in users}
    first = min(made.values(), default=0.0) + APART
    new = [user for user in users if (made[user] >= max(since, first)) or _came_lately(state, user, claim)]
    return new if len(new) < len(users) else []


def _made(state: ClusterState, user: Entity) -> float:
    manifest = state.find(user.kind, user.namespace, user.name)
    return (created_at(manifest) if manifest is not None else None) or 0.0


def _came_lately(state: ClusterState, user: Entity, claim: Entity) -> bool:
    """Did its revision before not mount the claim?"""
    before = template_before(state, user)
    return before is not None and claim.name not in mounts(before.get("spec") or {})
