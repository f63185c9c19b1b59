"""NetworkPolicies, Ingresses and IngressClasses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.addresses import cidr, is_ip
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, dns_subdomain, port_name, port_number, wildcard_subdomain
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.checks.numbers import port
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_DIRECTIONS = ("Ingress", "Egress")
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_PATHS = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")


@rules("NetworkPolicy")
class NetworkPolicyRules(Rules):
    """As `ValidateNetworkPolicySpec`."""

    drops_status = False

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        spec.setdefault("podSelector", {})
        if not spec.get("policyTypes"):
            spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
        for field in ("ingress", "egress"):
            for rule in spec.get(field) or ():
                for entry in rule.get("ports") or ():
                    entry.setdefault("protocol", "TCP")

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        yield from label_selector(spec["podSelector"], "spec.podSelector")
        for field, peers in (("ingress", "from"), ("egress", "to")):
            for index, rule in enumerate(spec.get(field) or ()):
                path = f"spec.{field}[{index}]"
                for number, entry in enumerate(rule.get("ports") or ()):
                    yield from _policy_port(entry, f"{path}.ports[{number}]")
                for number, peer in enumerate(rule.get(peers) or ()):
                    yield from _peer(peer, f"{path}.{peers}[{number}]")
        types = spec["policyTypes"]
        if len(types) > len(_DIRECTIONS):
            yield invalid_value("spec.policyTypes", types, "may not specify more than two policyTypes")
            return
        for index, name in enumerate(types):
            if name not in _DIRECTIONS:
                yield not_supported(f"spec.policyTypes[{index}]", name, _DIRECTIONS)


def _policy_port(entry: Spec, path: str) -> Iterator[Cause]:
    if entry["protocol"] not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", entry["protocol"], _PROTOCOLS)
    first, last = entry.get("port"), entry.get("endPort")
    if isinstance(first, int):
        yield from port(first, f"{path}.port")
        if last is not None and last < first:
            yield invalid_value(f"{path}.endPort", first, "must be greater than or equal to `port`")
        if last is not None:
            yield from port(last, f"{path}.endPort")
        return
    if last is not None:
        why = "is non-numeric" if first is not None else "is not specified"
        yield invalid_value(f"{path}.endPort", last, f"may not be specified when `port` {why}")
    if first is not None:
        for why in port_name(first):
            yield invalid_value(f"{path}.port", first, why)


def _peer(peer: Spec, path: str) -> Iterator[Cause]:
    for field in ("podSelector", "namespaceSelector"):
        yield from label_selector(peer.get(field), f"{path}.{field}")
    block = peer.get("ipBlock")
    if block is not None:
        yield from _block(block, f"{path}.ipBlock")
    if not any(peer.get(field) is not None for field in ("podSelector", "namespaceSelector", "ipBlock")):
        yield required(path, "must specify a peer")
    elif len(peer) > 1 and block is not None:
        yield forbidden(path, "may not specify both ipBlock and another peer")


def _block(block: Spec, path: str) -> Iterator[Cause]:
    whole = block.get("cidr", "")
    if not whole:
        yield required(f"{path}.cidr")
        return
    yield from cidr(whole, f"{path}.cidr")
    outer = _network(whole)
    for index, part in enumerate(block.get("except") or ()):
        where = f"{path}.except[{index}]"
        yield from cidr(part, where)
        inner = _network(part)
        if outer is None or inner is None:
            continue
        inside = inner.version == outer.version and inner.subnet_of(outer)
        if not inside or outer.prefixlen >= inner.prefixlen:
            yield invalid_value(where, part, "must be a strict subset of `cidr`")


def _network(text: str) -> Any:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@rules("Ingress")
class IngressRules(Rules):
    """As `ValidateIngressSpec`."""

    def default(self, new: Manifest) -> None:
        new.setdefault("spec", {})

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"loadBalancer": {}}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        if not spec.get("rules") and spec.get("defaultBackend") is None:
            yield invalid_value("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
        if spec.get("defaultBackend") is not None:
            yield from _backend(spec["defaultBackend"], "spec.defaultBackend")
        for index, rule in enumerate(spec.get("rules") or ()):
            yield from _rule(rule, f"spec.rules[{index}]")
        for index, entry in enumerate(spec.get("tls") or ()):
            yield from _tls(entry, f"spec.tls[{index}]")
        if spec.get("ingressClassName") is not None:
            for why in dns_subdomain(spec["ingressClassName"]):
                yield invalid_value("spec.ingressClassName", spec["ingressClassName"], why)


def _rule(rule: Spec, path: str) -> Iterator[Cause]:
    host = rule.get("host", "")
    if host:
        if is_ip(host):
            yield invalid_value(f"{path}.host", host, "must be a DNS name, not an IP address")
        yield from _host(host, f"{path}.host")
    http = rule.get("http")
    if http is None:
        return
    if not http.get("paths"):
        yield required(f"{path}.http.paths")
    for index, entry in enumerate(http.get("paths") or ()):
        yield from _path(entry, f"{path}.http.paths[{index}]")


def _host(host: str, path: str) -> Iterator[Cause]:
    for why in wildcard_subdomain(host) if "*" in host else dns_subdomain(host):
        yield invalid_value(path, host, why)


def _tls(entry: Spec, path: str) -> Iterator[Cause]:
    for index, host in enumerate(entry.get("hosts") or ()):
        yield from _host(host, f"{path}.hosts[{index}]")
    if entry.get("secretName"):
        for why in dns_subdomain(entry["secretName"]):
            yield invalid_value(f"{path}.secretName", entry["secretName"], why)


def _path(entry: Spec, path: str) -> Iterator[Cause]:
    kind, target = entry.get("pathType"), entry.get("path", "")
    if kind is None:
        yield required(f"{path}.pathType", "pathType must be specified")
        return
    if kind not in _PATH_TYPES:
        yield not_supported(f"{path}.pathType", kind, _PATH_TYPES)
    elif (target or kind != "ImplementationSpecific") and not target.startswith("/"):
        yield invalid_value(f"{path}.path", target, "must be an absolute path")
    if kind in ("Exact", "Prefix"):
        for part in _BAD_PATHS:
            if part in target:
                yield invalid_value(f"{path}.path", target, f"must not contain '{part}'")
        for end in _BAD_ENDS:
            if target.endswith(end):
                yield invalid_value(f"{path}.path", target, f"cannot end with '{end}'")
    yield from _backend(entry.get("backend") or {}, f"{path}.backend")


def _backend(backend: Spec, path: str) -> Iterator[Cause]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield invalid_value(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        for field in ("kind", "name"):
            if not resource.get(field):
                yield required(f"{path}.resource.{field}")
    elif service is not None:
        yield from _service_backend(service, path)
    else:
        yield invalid_value(path, "", "resource or service backend is required")


def _service_backend(service: Spec, path: str) -> Iterator[Cause]:
    where = f"{path}.service"
    if not service.get("name"):
        yield required(f"{where}.name")
    else:
        for why in dns_label(service["name"]):
            yield invalid_value(f"{where}.name", service["name"], why)
    entry = service.get("port") or {}
    name, number = entry.get("name"), entry.get("number")
    if name and number:
        yield invalid_value(path, "", "cannot set both port name & port number")
    elif name:
        for why in port_name(name):
            yield invalid_value(f"{where}.port.name", name, why)
    elif number:
        for why in port_number(number):
            yield invalid_value(f"{where}.port.number", number, why)
    else:
        yield required(path, "port name or number is required")


@rules("IngressClass")
class IngressClassRules(Rules):
    """The controller of a class stays."""

    def default(self, new: Manifest) -> None:
        parameters = new.setdefault("spec", {}).get("parameters")
        if parameters is not None:
            parameters.setdefault("scope", "Cluster")

    def validate(self, new: Manifest) -> Iterator[Cause]:
        name = new["spec"].get("controller", "")
        if not name:
            yield required("spec.controller")
        elif "/" not in name.strip("/"):
            yield invalid_value("spec.controller", name, 'must be a domain-prefixed path (such as "acme.io/foo")')

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        if new["spec"].get("controller") != old["spec"].get("controller"):
            yield invalid_value("spec.controller", new["spec"].get("controller"), IMMUTABLE)
        yield from self.validate(new)
