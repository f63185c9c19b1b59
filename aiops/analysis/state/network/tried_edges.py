"""Which connections workloads try to make, or are told to make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from aiops.analysis.calls.error_kinds import ErrorKind
from aiops.analysis.policy.network import Endpoint, endpoint
from aiops.analysis.state.cluster import ClusterState, pod_template
from aiops.analysis.state.network.dns import DNS_PORT, dns_service, dns_workload
from aiops.analysis.state.network.failing_calls import failing_calls
from aiops.analysis.state.network.ingresses import gateways, ingress_services
from aiops.analysis.state.network.references import references
from aiops.analysis.state.network.service_ports import backend_ports, resolve
from aiops.core.entity import Entity, Manifest


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
