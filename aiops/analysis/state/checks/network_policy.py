"""A NetworkPolicy that forbids a call which a workload makes or is configured to make."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.policy.network import Decision, Policies
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.network.tried_edges import TriedEdge, dns_edges, template_endpoint, tried_edges
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism

UNNEEDED = 0.2
"""Score of a forbidden call that nothing needs: worth knowing, no fault."""


@check("network-policy")
def network_policy(state: ClusterState) -> Iterator[Finding]:
    """Connections that workloads need or try, and that the policies in force forbid."""
    policies = state.of("NetworkPolicy")
    world = Policies(policies, state.namespace_labels())
    for edge in (*tried_edges(state), *dns_edges(state)):
        source = state.find(edge.source.kind, edge.source.namespace, edge.source.name)
        target = state.find(edge.target.kind, edge.target.namespace, edge.target.name)
        if source is None or target is None:
            continue
        decision = world.decide(
            template_endpoint(state, source), template_endpoint(state, target), edge.port, edge.protocol
        )
        if not decision.allowed:
            yield _finding(state, edge, decision)


def _finding(state: ClusterState, edge: TriedEdge, decision: Decision) -> Finding:
    policy = _newest(state, decision.blocking)
    direction = (decision.direction or "Ingress").lower()
    seen = f"calls fail ({edge.error_type})" if edge.failing else "no failing call was seen"
    need = "" if edge.needed else " It never got through, and nothing is configured to call it: that may be on purpose."
    score, strength = (1.0, 0.95) if edge.failing else (0.7, 0.7)
    return Finding(
        subject=Edge(source=edge.source, target=edge.target),
        seen_in=policy,
        summary=f"{policy} forbids {edge.source} to reach port {edge.port} of {edge.target}.{need}",
        observed=f"{direction} is isolated by {', '.join(map(str, decision.blocking))}; {seen}",
        score=score if edge.needed else UNNEEDED,
        suggests=blame(policy, Mechanism.NETWORK_POLICY, strength, f"spec.{direction}") if edge.needed else (),
    )


def _newest(state: ClusterState, policies: tuple[Entity, ...]) -> Entity:
    """Of several policies that isolate together, the one that was made last is the likeliest to be at fault."""

    def made(entity: Entity) -> tuple[str, str]:
        found = state.find(entity.kind, entity.namespace, entity.name) or {"metadata": {}}
        return str(found["metadata"].get("creationTimestamp", "")), str(entity)

    return max(policies, key=made)
