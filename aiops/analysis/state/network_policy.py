"""A NetworkPolicy that forbids a call which a workload makes or is configured to make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aiops.analysis.policy.network import Decision, Endpoint, Policies, endpoint
from aiops.analysis.state.cluster import ClusterState, pod_template, template_labels
from aiops.analysis.state.references import references
from aiops.analysis.state.registry import Finding, blame, check
from aiops.analysis.state.service_ports import backend_ports
from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism

NAME_LABEL = "app.kubernetes.io/name"


@dataclass(frozen=True, slots=True)
class NeededEdge:
    """A connection that a workload needs: seen failing (`failing`), seen, or only configured."""

    source: Entity
    target: Entity
    port: int
    failing: bool
    error_type: str = ""


def template_endpoint(state: ClusterState, workload: Manifest) -> Endpoint:
    """A workload's pods as one endpoint; its address is that of its first pod."""
    entity = Entity.of(workload)
    pods = state.pods_of(entity)
    status = pods[0].get("status", {}) if pods else {}
    template = pod_template(workload)
    meta = {
        "namespace": entity.namespace,
        "name": str(entity),
        "labels": template.get("metadata", {}).get("labels", {}),
    }
    return endpoint({"metadata": meta, "spec": template.get("spec", {}), "status": status})


def needed_edges(state: ClusterState) -> list[NeededEdge]:
    """The connections that workloads are configured to make or were seen making, each once, failing ones first."""
    found: dict[tuple[Entity, Entity, int], NeededEdge] = {}
    for call in state.calls:
        failing = call.error_ratio > 0
        for edge in _through_service(state, call.source, call.host, call.port, failing, call.error_type):
            found.setdefault((edge.source, edge.target, edge.port), edge)
    for reference in references(state):
        for edge in _through_service(state, reference.workload, reference.host, reference.port, False, ""):
            found.setdefault((edge.source, edge.target, edge.port), edge)
    return sorted(found.values(), key=lambda e: (not e.failing, str(e.source), str(e.target), e.port))


def _through_service(
    state: ClusterState, source: Entity, host: str, port: int | None, failing: bool, error_type: str
) -> Iterator[NeededEdge]:
    service = state.service_of_host(host, source.namespace)
    if service is None:
        return
    numbers = [port] if port is not None else [p["port"] for p in service.get("spec", {}).get("ports", [])]
    for number in numbers:
        for target, _, container_port in backend_ports(state, service, number):
            for caller in gateways(state) if source.kind == "Ingress" else (source,):
                yield NeededEdge(caller, target, container_port, failing, error_type)


def gateways(state: ClusterState) -> list[Entity]:
    """The workloads that carry out Ingresses: by the well-known name label of their charts."""
    return [Entity.of(w) for w in state.workloads() if "ingress" in template_labels(w).get(NAME_LABEL, "")]


@check("network-policy")
def network_policy(state: ClusterState) -> Iterator[Finding]:
    """Needed connections that the policies in force forbid."""
    policies = state.of("NetworkPolicy")
    world = Policies(policies, state.namespace_labels())
    for edge in needed_edges(state):
        source = state.find(edge.source.kind, edge.source.namespace, edge.source.name)
        target = state.find(edge.target.kind, edge.target.namespace, edge.target.name)
        if source is None or target is None:
            continue
        decision = world.decide(template_endpoint(state, source), template_endpoint(state, target), edge.port)
        if not decision.allowed:
            yield _finding(state, edge, decision)


def _finding(state: ClusterState, edge: NeededEdge, decision: Decision) -> Finding:
    policy = _newest(state, decision.blocking)
    direction = (decision.direction or "Ingress").lower()
    seen = f"calls fail ({edge.error_type})" if edge.failing else "no failing call was seen"
    return Finding(
        subject=Edge(source=edge.source, target=edge.target),
        seen_in=policy,
        summary=f"{policy} forbids {edge.source} to reach port {edge.port} of {edge.target}.",
        observed=f"{direction} is isolated by {', '.join(map(str, decision.blocking))}; {seen}",
        score=1.0 if edge.failing else 0.7,
        suggests=blame(policy, Mechanism.NETWORK_POLICY, 0.95 if edge.failing else 0.7, f"spec.{direction}"),
    )


def _newest(state: ClusterState, policies: tuple[Entity, ...]) -> Entity:
    """Of several policies that isolate together, the one that was made last is the likeliest to be at fault."""

    def made(entity: Entity) -> tuple[str, str]:
        found = state.find(entity.kind, entity.namespace, entity.name) or {"metadata": {}}
        return str(found["metadata"].get("creationTimestamp", "")), str(entity)

    return max(policies, key=made)
