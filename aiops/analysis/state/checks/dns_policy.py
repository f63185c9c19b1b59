"""A workload whose pods ask the wrong DNS server, or with the wrong search domains, and get no addresses."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.calls.error_kinds import ErrorKind
from aiops.analysis.state.cluster import ClusterState, ObservedCall, pod_template
from aiops.analysis.state.network.dns import dns_service
from aiops.analysis.state.network.failing_calls import called_service, described, edge_of, failing_calls
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

POD = "spec.template.spec"
USUAL_DOTS = "5"

STRENGTH = 0.95


@check("dns-policy")
def dns_policy(state: ClusterState) -> Iterator[Finding]:
    """Workloads of which calls by name fail, and whose pods do not ask the cluster's DNS as others do."""
    by_name: dict[Entity, list[ObservedCall]] = {}
    for call in failing_calls(state, ErrorKind.NAME):
        by_name.setdefault(call.source, []).append(call)
    for entity, failing in by_name.items():
        workload = state.find(entity.kind, entity.namespace, entity.name)
        spec = pod_template(workload).get("spec", {}) if workload else {}
        told = _at_fault(spec, _servers(state))
        if told is not None:
            field, why = told
            yield _finding(state, entity, failing, f"{POD}.{field}", why)
    yield from _aliases(state)


def _at_fault(spec: Manifest, servers: frozenset[str]) -> tuple[str, str] | None:
    """(field, what is wrong with it) of a pod's DNS settings that lead away from the cluster's DNS."""
    policy, config = spec.get("dnsPolicy", "ClusterFirst"), spec.get("dnsConfig") or {}
    named = config.get("nameservers") or []
    if policy == "Default":
        return "dnsPolicy", "its pods ask the servers of their node, which know no Service"
    if policy == "ClusterFirst" and spec.get("hostNetwork"):
        return "dnsPolicy", "with the host's network its pods ask the servers of their node"
    if policy == "None" and servers and not servers.intersection(named):
        return "dnsConfig", f"its pods ask {', '.join(named) or 'nobody'}"
    if policy == "None" and not any(".svc." in domain for domain in config.get("searches") or []):
        return "dnsConfig", "its pods complete names with none of the cluster's domains"
    if named and servers and not servers.intersection(named):
        return "dnsConfig", f"its pods also ask {', '.join(named)}"
    dots = {str(o.get("name")): str(o.get("value", "")) for o in config.get("options") or []}.get("ndots")
    if dots is not None and dots != USUAL_DOTS:
        return "dnsConfig", f"names with {dots} dots count as complete"
    if config:
        return "dnsConfig", "its pods ask in a way of their own"
    return None


def _servers(state: ClusterState) -> frozenset[str]:
    spec = (dns_service(state) or {}).get("spec", {})
    return frozenset(ip for ip in spec.get("clusterIPs") or [spec.get("clusterIP")] if ip and ip != "None")


def _aliases(state: ClusterState) -> Iterator[Finding]:
    """Workloads whose own list of hosts gives a name that they do not reach."""
    for call in failing_calls(state):
        workload = state.find(call.source.kind, call.source.namespace, call.source.name)
        aliases = pod_template(workload).get("spec", {}).get("hostAliases") or [] if workload else []
        service = called_service(state, call)
        address = (service or {}).get("spec", {}).get("clusterIP")
        for alias in aliases:
            if call.host in (alias.get("hostnames") or []) and alias.get("ip") != address:
                why = f"its own list of hosts leads {call.host} to {alias.get('ip')}"
                yield _finding(state, call.source, [call], f"{POD}.hostAliases", why)


def _finding(state: ClusterState, entity: Entity, failing: list[ObservedCall], field: str, why: str) -> Finding:
    return Finding(
        subject=edge_of(state, failing[0]),
        seen_in=entity,
        summary=f"{entity} does not reach what it calls by name: {why}.",
        observed="; ".join(map(described, failing[:3])),
        score=0.9,
        suggests=blame(entity, Mechanism.DNS_POLICY, STRENGTH, field),
    )
