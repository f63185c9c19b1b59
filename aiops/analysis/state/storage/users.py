"""Which workloads mount a claim, and which of them came last."""

from __future__ import annotations

from aiops.analysis.changes.attribution import created_at
from aiops.analysis.state.before import template_before
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.makers import maker_of
from aiops.core.entity import Entity, Manifest


def mounts(spec: Manifest) -> set[str]:
    """The claims that a pod with this spec mounts."""
    sources = (volume.get("persistentVolumeClaim") for volume in spec.get("volumes") or ())
    return {source["claimName"] for source in sources if source}


def users_of(state: ClusterState, claim: Entity) -> list[Entity]:
    """What made the pods that mount a claim, by name."""
    pods = [pod for pod in state.of("Pod", claim.namespace) if claim.name in mounts(pod["spec"])]
    return sorted({maker_of(state, pod) for pod in pods}, key=str)


def newcomers(state: ClusterState, claim: Entity, since: float) -> list[Entity]:
    """Those that mount it only since `since` (unix seconds), made or changed since then, where others did before."""
    users = users_of(state, claim)
    new = [user for user in users if _is_new(state, user, claim, since)]
    return new if len(new) < len(users) else []


def _is_new(state: ClusterState, user: Entity, claim: Entity, since: float) -> bool:
    manifest = state.find(user.kind, user.namespace, user.name)
    made = created_at(manifest) if manifest is not None else None
    if made is not None and made >= since:
        return True
    before = template_before(state, user)
    return before is not None and claim.name not in mounts(before.get("spec") or {})
