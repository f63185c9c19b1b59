"""A workload that is asked to run no pods although a Service sends to it."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism


@check("scaled-to-zero")
def scaled_to_zero(state: ClusterState) -> Iterator[Finding]:
    """Workloads with zero replicas behind a Service."""
    for service in state.of("Service"):
        for workload in state.backends(service):
            if workload["spec"].get("replicas", 1) == 0:
                entity = Entity.of(workload)
                yield Finding(
                    subject=entity,
                    seen_in=entity,
                    summary=f"{entity}, to which {Entity.of(service)} sends, is scaled to zero.",
                    observed="spec.replicas 0",
                    score=0.8,
                    suggests=blame(entity, Mechanism.SCALING_REPLICAS, 0.8, "spec.replicas", _wanted(state, workload)),
                )


def _wanted(state: ClusterState, workload: Manifest) -> int:
    """The minimum of its autoscaler, else one replica: the least that serves anybody."""
    meta = workload["metadata"]
    for scaler in state.of("HorizontalPodAutoscaler", meta.get("namespace", "")):
        ref = scaler["spec"].get("scaleTargetRef", {})
        if (ref.get("kind"), ref.get("name")) == (workload["kind"], meta["name"]):
            return int(scaler["spec"].get("minReplicas", 1))
    return 1
