"""A Service that sends only to its own node's pods, and callers on nodes that have none."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState, is_ready
from aiops.analysis.state.network.failing_calls import calls_to, described, edge_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

FIELD = "spec.internalTrafficPolicy"
STRENGTH = 0.95


@check("traffic-policy", whole=("Pod",))
def traffic_policy(state: ClusterState) -> Iterator[Finding]:
    """Services with `internalTrafficPolicy: Local` whose callers run where none of their pods is ready, and fail."""
    for service in state.of("Service"):
        if service.get("spec", {}).get("internalTrafficPolicy") != "Local":
            continue
        entity = Entity.of(service)
        served = {pod["spec"].get("nodeName") for pod in state.selected(service) if is_ready(pod)}
        for call in calls_to(state, entity):
            nodes = {pod["spec"].get("nodeName") for pod in state.pods_of(call.source)} - {None}
            without = sorted(nodes - served)
            if without and call.error_ratio > 0:
                yield Finding(
                    subject=edge_of(state, call),
                    seen_in=entity,
                    summary=f"{entity} sends only to pods of the caller's own node, and {', '.join(without)} has none.",
                    observed=described(call),
                    score=0.9,
                    suggests=blame(entity, Mechanism.NETWORK_TRAFFIC_POLICY, STRENGTH, FIELD, "Cluster"),
                )
