"""An autoscaler that would ask for more replicas than it may."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, moment
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism


@check("autoscaler-limited")
def autoscaler_limited(state: ClusterState) -> Iterator[Finding]:
    """Autoscalers at their `maxReplicas` that say they want more (`ScalingLimited`, reason `TooManyReplicas`)."""
    for scaler in state.of("HorizontalPodAutoscaler"):
        conditions = scaler.get("status", {}).get("conditions", [])
        limited = next((c for c in conditions if c["type"] == "ScalingLimited" and c["status"] == "True"), None)
        if limited is None or limited.get("reason") != "TooManyReplicas":
            continue
        entity = Entity.of(scaler)
        target = scaler["spec"].get("scaleTargetRef", {})
        workload = Entity(kind=target.get("kind", ""), namespace=entity.namespace, name=target.get("name", ""))
        most = scaler["spec"].get("maxReplicas")
        yield Finding(
            subject=entity,
            seen_in=entity,
            summary=f"{entity} would ask for more replicas of {workload} than its {most}.",
            observed=str(limited.get("message", "ScalingLimited: TooManyReplicas")),
            score=0.4,
            since=moment(limited.get("lastTransitionTime")),
            suggests=blame(workload, Mechanism.LOAD_INCREASE, 0.3),
        )
