"""A rollout that does not get on, and a workload that lacks replicas."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity
from aiops.core.moments import moment


@check("rollout-stuck")
def rollout_stuck(state: ClusterState) -> Iterator[Finding]:
    """Deployments past their progress deadline, or with fewer replicas available than asked for. Another check says
    why."""
    for deployment in state.of("Deployment"):
        wanted = deployment["spec"].get("replicas", 1)
        status = deployment.get("status", {})
        available = status.get("availableReplicas", 0)
        conditions = {c["type"]: c for c in status.get("conditions", [])}
        late = conditions.get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded"
        if not late and available >= wanted:
            continue
        entity = Entity.of(deployment)
        reason = "is past its progress deadline" if late else "lacks available replicas"
        short = conditions.get("Progressing" if late else "Available", {})
        yield Finding(
            subject=entity,
            seen_in=entity,
            summary=f"{entity} {reason}.",
            observed=f"{available} of {wanted} replicas available, {status.get('updatedReplicas', 0)} updated",
            score=0.8 if available < wanted else 0.7,
            since=moment(short.get("lastTransitionTime")),
        )
