"""A NetworkPolicy that forbids a call which a workload makes or is configured to make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aiops.analysis.calls.error_kinds import ErrorKind
from aiops.analysis.policy.network import Decision, Endpoint, Policies, endpoint
from aiops.analysis.state.cluster import ClusterState, ingress_services, pod_template, template_labels
from aiops.analysis.state.dns_servers import DNS_PORT, dns_service, dns_workload
from aiops.analysis.state.failing_calls import failing_calls
from aiops.analysis.state.references import references
from aiops.analysis.state.registry import Finding, blame, check
from aiops.analysis.state.service_ports import backend_ports, resolve
from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.mechanism import Mechanism

NAME_LABEL = "app.kubernetes.io/name"

UNNEEDED = 0.2
"""Score of a forbidden call that nothing needs: worth knowing, no fault."""


@dataclass(frozen=True, slots=True)
class TriedEdge:
    """A connection that a workload tries or is told to make.

    `failing`: it was seen failing, as `error_type`; `worked`: it got through before the trouble; `configured`: the
    workload's settings, or the Ingress that it carries out, name the address. That a workload merely tries is no need:
    so does a stranger in its pod.
    """

    source: Entity
    target: Entity
    port: int
    failing: bool = False
    error_type: str = ""
    worked: bool = False
    configured: bool = False
    protocol: str = "TCP"

    @property
    def needed(self) -> bool:
        return self.worked or self.configured


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


def tried_edges(state: ClusterState) -> list[TriedEdge]:
    """The connections that workloads are configured to make or were seen making, each once, failing ones first."""
    found: dict[tuple[Entity, Entity, int], TriedEdge] = {}
    for edge in (*_observed(state), *_configured(state)):
        key = (edge.source, edge.target, edge.port)
        known = found.get(key)
        found[key] = edge if known is None else _merged(known, edge)
    return sorted(found.values(), key=lambda e: (not e.failing, str(e.source), str(e.target), e.port))


def _merged(one: TriedEdge, other: TriedEdge) -> TriedEdge:
    return replace(
        one,
        failing=one.failing or other.failing,
        error_type=one.error_type or other.error_type,
        worked=one.worked or other.worked,
        configured=one.configured or other.configured,
    )


def _observed(state: ClusterState) -> Iterator[TriedEdge]:
    for call in state.calls:
        for source, target, port in _through_service(state, call.source, call.host, call.port):
            named = call.source.kind == "Ingress" and _is_routed(state, call.source, call.host)
            yield TriedEdge(source, target, port, call.error_ratio > 0, call.error_type, call.worked, named)


def _configured(state: ClusterState) -> Iterator[TriedEdge]:
    for reference in references(state):
        for source, target, port in _through_service(state, reference.workload, reference.host, reference.port):
            yield TriedEdge(source, target, port, configured=True)


def _is_routed(state: ClusterState, ingress: Entity, host: str) -> bool:
    """Does an Ingress send to the Service of this host?"""
    manifest = state.find(ingress.kind, ingress.namespace, ingress.name)
    service = state.service_of_host(host, ingress.namespace)
    if manifest is None or service is None:
        return False
    return service["metadata"]["name"] in ingress_services(manifest)


def _through_service(
    state: ClusterState, source: Entity, host: str, port: int | None
) -> Iterator[tuple[Entity, Entity, int]]:
    """(caller, workload that answers, its port) of a call to a Service."""
    service = state.service_of_host(host, source.namespace)
    if service is None:
        return
    numbers = [port] if port is not None else [p["port"] for p in service.get("spec", {}).get("ports", [])]
    for number in numbers:
        for target, _, container_port in backend_ports(state, service, number):
            for caller in gateways(state, source) if source.kind == "Ingress" else (source,):
                yield caller, target, container_port


def gateways(state: ClusterState, ingress: Entity) -> list[Entity]:
    """The workloads that carry out an Ingress, by the well-known name label of their charts and the Ingress' class.

    Anybody can label a pod: where workloads of several namespaces say that they do, none is believed.
    """
    spec = (state.find(ingress.kind, ingress.namespace, ingress.name) or {}).get("spec", {})
    words = ("ingress", spec.get("ingressClassName") or "")
    names = {Entity.of(w): template_labels(w).get(NAME_LABEL, "") for w in state.workloads()}
    found = [entity for entity, name in names.items() if all(word in name for word in words)]
    return found if len({entity.namespace for entity in found}) == 1 else []


def dns_edges(state: ClusterState) -> list[TriedEdge]:
    """The questions for names of workloads that get no addresses; each needs the way to the cluster's DNS."""
    workload, service = dns_workload(state), dns_service(state)
    if workload is None or service is None:
        return []
    asked = next((p for p in service["spec"].get("ports", []) if p.get("protocol") == "UDP"), {"port": DNS_PORT})
    port = resolve(asked, workload) or DNS_PORT
    failing = {call.source: call for call in failing_calls(state, ErrorKind.NAME, ErrorKind.TIMEOUT) if call.worked}
    return [
        TriedEdge(source, Entity.of(workload), port, True, call.error_type, worked=True, protocol="UDP")
        for source, call in failing.items()
    ]


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
