"""The columns of what leads to pods: services, endpoints, ingresses, network policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import (
    AGE,
    NAME,
    Column,
    few,
    joined,
    labels_text,
    path,
    selector_cell,
)

_MOST = 3
_DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


def _cluster_ip(service: Manifest, _now: float) -> str:
    return str((service["spec"].get("clusterIPs") or [service["spec"].get("clusterIP") or "<none>"])[0])


def _balancers(item: Manifest) -> str:
    entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(sorted({entry.get("ip") or entry.get("hostname") or "" for entry in entries} - {""}))


def _external_ip(service: Manifest, _now: float) -> str:
    spec = service["spec"]
    outside = ",".join(spec.get("externalIPs") or ())
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    if spec.get("type") == "LoadBalancer":
        return ",".join(text for text in (_balancers(service), outside) if text) or "<pending>"
    return outside or "<none>"


def _ports(service: Manifest, _now: float) -> str:
    return joined(
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port.get('protocol', 'TCP')}"
        for port in service["spec"].get("ports") or ()
    )


SERVICE = (
    NAME,
    Column("Type", path("spec", "type"), "core/v1.ServiceSpec:type"),
    Column("Cluster-IP", _cluster_ip, "core/v1.ServiceSpec:clusterIP"),
    Column("External-IP", _external_ip, "core/v1.ServiceSpec:externalIPs"),
    Column("Port(s)", _ports, "core/v1.ServiceSpec:ports"),
    AGE,
    Column("Selector", lambda item, _now: labels_text(item["spec"].get("selector")), "core/v1.ServiceSpec:selector",
           wide=True),
)  # fmt: skip


def _endpoints(item: Manifest, _now: float) -> str:
    subsets = item.get("subsets") or ()
    if not subsets:
        return "<none>"
    pairs = [pair for subset in subsets for pair in _pairs(subset)]
    return few(pairs, len(pairs), _MOST, "")


def _pairs(subset: dict[str, Any]) -> Iterable[str]:
    ips = [address["ip"] for address in subset.get("addresses") or ()]
    ports = subset.get("ports") or ()
    if not ports:
        return ips
    return [f"[{ip}]:{port['port']}" if ":" in ip else f"{ip}:{port['port']}" for port in ports for ip in ips]


ENDPOINTS = (NAME, Column("Endpoints", _endpoints, "core/v1.Endpoints:subsets"), AGE)


def _slice_ports(item: Manifest, _now: float) -> str:
    told = [str(port.get("port") or port.get("name") or "*") for port in item.get("ports") or ()]
    return few(told, len(told), _MOST, "<unset>")


def _slice_addresses(item: Manifest, _now: float) -> str:
    told = [address for endpoint in item.get("endpoints") or () for address in endpoint.get("addresses") or ()]
    return few(told, len(told), _MOST, "<unset>")


ENDPOINT_SLICE = (
    NAME,
    Column("AddressType", path("addressType"), "discovery/v1.EndpointSlice:addressType"),
    Column("Ports", _slice_ports, "discovery/v1.EndpointSlice:ports"),
    Column("Endpoints", _slice_addresses, "discovery/v1.EndpointSlice:endpoints"),
    AGE,
)


def _hosts(item: Manifest, _now: float) -> str:
    rules = item["spec"].get("rules") or ()
    told = [rule["host"] for rule in rules if rule.get("host")]
    more = len(told) >= _MOST and len(rules) > _MOST
    text = ",".join(told[:_MOST]) or "*"
    return f"{text} + {len(rules) - _MOST} more..." if more else text


INGRESS = (
    NAME,
    Column("Class", path("spec", "ingressClassName"),
           "The name of the IngressClass resource that should be used for additional configuration"),
    Column("Hosts", _hosts, "Hosts that incoming requests are matched against before the ingress rule"),
    Column("Address", lambda item, _now: _balancers(item),
           "Address is a list containing ingress points for the load-balancer"),
    Column("Ports", lambda item, _now: "80, 443" if item["spec"].get("tls") else "80",
           "Ports of TLS configurations that open"),
    AGE,
)  # fmt: skip


def _class_name(item: Manifest, _now: float) -> str:
    marked = (item["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
    return str(item["metadata"]["name"]) + (" (default)" if marked else "")


def _parameters(item: Manifest, _now: float) -> str:
    found = (item.get("spec") or {}).get("parameters")
    if not found:
        return "<none>"
    group = f".{found['apiGroup']}" if found.get("apiGroup") is not None else ""
    return f"{found['kind']}{group}/{found['name']}"


INGRESS_CLASS = (
    Column("Name", _class_name, NAME.said, format="name"),
    Column(
        "Controller", path("spec", "controller", missing=""), "Controller that is responsible for handling this class"
    ),
    Column("Parameters", _parameters, "A reference to a resource with additional parameters"),
    AGE,
)

NETWORK_POLICY = (
    NAME,
    Column("Pod-Selector", lambda item, _now: selector_cell(item["spec"].get("podSelector") or {}),
           "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to "
           "any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple "
           "network policies can select the same set of pods. In this case, the ingress rules for each are combined "
           "additively. This field is optional. If it is not specified, it defaults to an empty selector."),
    AGE,
)  # fmt: skip

SERVICE_CIDR = (
    NAME,
    Column(
        "CIDRs", lambda item, _now: ",".join(item["spec"].get("cidrs") or ()), "networking/v1.ServiceCIDRSpec:cidrs"
    ),
    AGE,
)


def _parent(item: Manifest, _now: float) -> str:
    found = (item.get("spec") or {}).get("parentRef")
    if not found:
        return "<none>"
    resource = f"{found['resource']}.{found['group']}" if found.get("group") else found["resource"]
    return "/".join(part for part in (resource.lower(), found.get("namespace"), found["name"]) if part)


IP_ADDRESS = (NAME, Column("ParentRef", _parent, "networking/v1.IPAddressSpec:parentRef"))
