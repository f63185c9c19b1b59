"""kube-state-metrics of Services, their endpoints, Ingresses and NetworkPolicies."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.exporters.exposition.samples import Metric
from aiops.lab.exporters.kube_state.facts import created


def service_metrics(service: Manifest) -> Iterator[Metric]:
    """`kube_service_*` of one Service."""
    meta, spec = service["metadata"], service["spec"]
    labels = {"namespace": meta["namespace"], "service": meta["name"]}
    yield "kube_service_info", {**labels, "cluster_ip": spec.get("clusterIP", "")}, 1.0
    yield from created("service", labels, service)
    yield "kube_service_spec_type", {**labels, "type": spec.get("type", "ClusterIP")}, 1.0


def endpoint_metrics(piece: Manifest) -> Iterator[Metric]:
    """`kube_endpoint_address` of one EndpointSlice, for each address and port."""
    meta = piece["metadata"]
    service = (meta.get("labels") or {}).get("kubernetes.io/service-name", "")
    labels = {"namespace": meta["namespace"], "endpoint": service}
    for endpoint in piece.get("endpoints") or ():
        ready = (endpoint.get("conditions") or {}).get("ready") is not False
        for address in endpoint["addresses"]:
            for port in piece.get("ports") or ():
                shown = {
                    "ip": address,
                    "port_name": port.get("name") or "",
                    "port_number": str(port.get("port", "")),
                    "port_protocol": port.get("protocol", "TCP"),
                    "ready": str(ready).lower(),
                }
                yield "kube_endpoint_address", {**labels, **shown}, 1.0


def ingress_metrics(ingress: Manifest) -> Iterator[Metric]:
    """`kube_ingress_*` of one Ingress."""
    meta, spec = ingress["metadata"], ingress["spec"]
    labels = {"namespace": meta["namespace"], "ingress": meta["name"]}
    yield "kube_ingress_info", {**labels, "ingressclass": spec.get("ingressClassName", "")}, 1.0
    yield from created("ingress", labels, ingress)
    for rule in spec.get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            service = path["backend"].get("service")
            if service:
                port = service.get("port") or {}
                shown = {
                    "host": rule.get("host", ""),
                    "path": path.get("path", "/"),
                    "service_name": service["name"],
                    "service_port": str(port.get("number") or port.get("name") or ""),
                }
                yield "kube_ingress_path", {**labels, **shown}, 1.0
    for entry in spec.get("tls") or ():
        for host in entry.get("hosts") or ():
            yield "kube_ingress_tls", {**labels, "tls_host": host, "secret_name": entry.get("secretName", "")}, 1.0


def network_policy_metrics(policy: Manifest) -> Iterator[Metric]:
    """`kube_networkpolicy_*` of one NetworkPolicy."""
    meta, spec = policy["metadata"], policy["spec"]
    labels = {"namespace": meta["namespace"], "networkpolicy": meta["name"]}
    yield from created("networkpolicy", labels, policy)
    yield "kube_networkpolicy_spec_ingress_rules", labels, float(len(spec.get("ingress") or ()))
    yield "kube_networkpolicy_spec_egress_rules", labels, float(len(spec.get("egress") or ()))
