"""Services: checks (`ValidateService`), and the addresses that the server gives out (`alloc.go`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.addresses import cidr, ip, is_ip
from aiops.lab.kube.kinds.checks.causes import duplicate, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label, dns_subdomain, label_key
from aiops.lab.kube.kinds.checks.labels import label_map
from aiops.lab.kube.kinds.checks.numbers import port, port_number_or_name
from aiops.lab.kube.kinds.rules.addresses import (
    EXTERNAL,
    accessible,
    address_fields,
    allocate_service,
    keep_addresses,
    needs_health_check,
)
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_TRAFFIC = ("Cluster", "Local")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_AFFINITY_SECONDS = 10800
_LONGEST_AFFINITY = 86400


def _headless(spec: Spec) -> bool:
    return spec.get("clusterIPs") == ["None"]


@rules("Service")
class ServiceRules(Rules):
    """As the registry's service strategy."""

    name_format = staticmethod(dns_label)

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        spec.setdefault("sessionAffinity", "None")
        if spec["sessionAffinity"] == "None":
            spec.pop("sessionAffinityConfig", None)
        elif spec["sessionAffinity"] == "ClientIP":
            seconds = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds")
            if seconds is None:
                spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _AFFINITY_SECONDS}}
        spec.setdefault("type", "ClusterIP")
        for entry in spec.get("ports") or ():
            entry.setdefault("protocol", "TCP")
            if entry.get("targetPort") in (None, 0, ""):
                entry["targetPort"] = entry.get("port", 0)
        if accessible(spec):
            spec.setdefault("externalTrafficPolicy", "Cluster")
        if spec["type"] in ("ClusterIP", *EXTERNAL):
            spec.setdefault("internalTrafficPolicy", "Cluster")
        if spec["type"] == "LoadBalancer":
            spec.setdefault("allocateLoadBalancerNodePorts", True)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"loadBalancer": {}}
        allocate_service(new, reader)

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        keep_addresses(new, old)
        allocate_service(new, reader)

    def warnings(self, new: Manifest) -> Iterator[str]:
        return _warnings(new["spec"])

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from _service(new["spec"])

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        now, before = new["spec"], old["spec"]
        yield from _addresses_update(now, before)
        own, was = now.get("loadBalancerClass"), before.get("loadBalancerClass")
        if now["type"] == before["type"] == "LoadBalancer" and own != was:
            yield invalid_value("spec.loadBalancerClass", own, "may not change once set")
        moved = now.get("healthCheckNodePort") != before.get("healthCheckNodePort")
        if moved and needs_health_check(now) and needs_health_check(before):
            yield forbidden("spec.healthCheckNodePort", "field is immutable")
        yield from _service(now)


def _warnings(spec: Spec) -> Iterator[str]:
    """As `GetWarningsForService`."""
    named, outside = spec["type"] == "ExternalName", spec.get("externalIPs")
    if _headless(spec):
        if outside:
            yield "spec.externalIPs is ignored for headless services"
        if spec["sessionAffinity"] != "None":
            yield "spec.SessionAffinity is ignored for headless services"
    elif outside and not named:
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if named and outside:
        yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
    if not named and spec.get("externalName"):
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _service(spec: Spec) -> Iterator[Cause]:
    kind, ports = spec["type"], spec.get("ports") or []
    if not ports and not _headless(spec) and kind != "ExternalName":
        yield required("spec.ports")
    if kind in EXTERNAL and _headless(spec):
        yield invalid_value("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind == "ExternalName":
        yield from _external_name(spec)
    yield from _ports(ports)
    yield from label_map(spec.get("selector"), "spec.selector")
    yield from _affinity(spec)
    if kind != "ExternalName":
        yield from address_fields(spec)
    for index, address in enumerate(spec.get("externalIPs") or ()):
        yield from _external_ip(address, f"spec.externalIPs[{index}]")
    if kind not in _TYPES:
        yield not_supported("spec.type", kind, _TYPES)
    yield from _port_clashes(kind, ports)
    yield from _load_balancer(spec)
    yield from _traffic(spec)


def _external_name(spec: Spec) -> Iterator[Cause]:
    for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(field):
            yield forbidden(f"spec.{field}", "may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if not name:
        yield required("spec.externalName")
        return
    for why in dns_subdomain(name):
        yield invalid_value("spec.externalName", name, why)


def _ports(ports: list[Spec]) -> Iterator[Cause]:
    names: set[str] = set()
    for index, entry in enumerate(ports):
        path, name = f"spec.ports[{index}]", entry.get("name", "")
        if not name:
            if len(ports) > 1:
                yield required(f"{path}.name")
        else:
            for why in dns_label(name):
                yield invalid_value(f"{path}.name", name, why)
            if name in names:
                yield duplicate(f"{path}.name", name)
            names.add(name)
        yield from port(entry.get("port", 0), f"{path}.port")
        if entry["protocol"] not in _PROTOCOLS:
            yield not_supported(f"{path}.protocol", entry["protocol"], _PROTOCOLS)
        yield from port_number_or_name(entry["targetPort"], f"{path}.targetPort")
        if entry.get("appProtocol") is not None:
            for why in label_key(entry["appProtocol"]):
                yield invalid_value(f"{path}.appProtocol", entry["appProtocol"], why)


def _affinity(spec: Spec) -> Iterator[Cause]:
    kind = spec["sessionAffinity"]
    if kind not in ("ClientIP", "None"):
        yield not_supported("spec.sessionAffinity", kind, ("ClientIP", "None"))
    if kind == "ClientIP":
        seconds = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"]
        if not 0 < seconds <= _LONGEST_AFFINITY:
            why = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            yield invalid_value("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, why)


def _external_ip(address: str, path: str) -> Iterator[Cause]:
    if not is_ip(address):
        yield from ip(address, path)
    elif address in ("0.0.0.0", "::"):  # noqa: S104 - a value that is refused
        yield invalid_value(path, address, f"may not be unspecified ({address})")
    elif address.startswith("127.") or address == "::1":
        yield invalid_value(path, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    elif address.startswith("169.254."):
        yield invalid_value(path, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")


def _port_clashes(kind: str, ports: list[Spec]) -> Iterator[Cause]:
    for index, entry in enumerate(ports):
        if kind == "ClusterIP" and entry.get("nodePort"):
            yield forbidden(f"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'")
    taken: set[tuple[Any, Any]] = set()
    for index, entry in enumerate(ports):
        if not entry.get("nodePort"):
            continue
        if (entry["protocol"], entry["nodePort"]) in taken:
            yield duplicate(f"spec.ports[{index}].nodePort", entry["nodePort"])
        taken.add((entry["protocol"], entry["nodePort"]))
    seen: set[tuple[Any, Any]] = set()
    for index, entry in enumerate(ports):
        pair = (entry["protocol"], entry.get("port", 0))
        if pair in seen:
            shown = {"Name": "", "Protocol": pair[0], "AppProtocol": None, "Port": pair[1], "TargetPort": 0,
                     "NodePort": 0}  # fmt: skip
            yield duplicate(f"spec.ports[{index}]", shown)
        seen.add(pair)


def _load_balancer(spec: Spec) -> Iterator[Cause]:
    balanced = spec["type"] == "LoadBalancer"
    only = "may only be used when `type` is 'LoadBalancer'"
    if spec.get("loadBalancerSourceRanges"):
        path = "spec.LoadBalancerSourceRanges"
        if not balanced:
            yield forbidden(path, only)
        for index, network in enumerate(spec["loadBalancerSourceRanges"]):
            yield from cidr(network.strip(), f"{path}[{index}]")
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balanced:
        yield forbidden("spec.allocateLoadBalancerNodePorts", only)
    if spec.get("loadBalancerClass") is not None:
        if not balanced:
            yield forbidden("spec.loadBalancerClass", only)
        else:
            for why in label_key(spec["loadBalancerClass"]):
                yield invalid_value("spec.loadBalancerClass", spec["loadBalancerClass"], why)


def _traffic(spec: Spec) -> Iterator[Cause]:
    outside = spec.get("externalTrafficPolicy", "")
    if not accessible(spec):
        if outside:
            why = "may only be set for externally-accessible services"
            yield invalid_value("spec.externalTrafficPolicy", outside, why)
    elif outside not in _TRAFFIC:
        yield not_supported("spec.externalTrafficPolicy", outside, _TRAFFIC)
    health = spec.get("healthCheckNodePort", 0)
    if health and not needs_health_check(spec):
        why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield invalid_value("spec.healthCheckNodePort", health, why)
    inside = spec.get("internalTrafficPolicy")
    if inside is not None and inside not in _TRAFFIC:
        yield not_supported("spec.internalTrafficPolicy", inside, _TRAFFIC)
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in _DISTRIBUTIONS:
        yield not_supported("spec.trafficDistribution", distribution, _DISTRIBUTIONS)


def _addresses_update(now: Spec, before: Spec) -> Iterator[Cause]:
    if "ExternalName" in (now["type"], before["type"]):
        return
    if not (_headless(now) and _headless(before)):
        yield from _unchanged(now, before, "clusterIPs", "primary clusterIP can not be unset")
    if not _headless(now) and not _headless(before):
        yield from _unchanged(now, before, "ipFamilies", "primary ipFamily can not be unset")


def _unchanged(now: Spec, before: Spec, field: str, unset: str) -> Iterator[Cause]:
    new, old = now.get(field) or [], before.get(field) or []
    if old and not new:
        yield invalid_value(f"spec.{field}[0]", new or None, unset)
        return
    for index, (a, b) in enumerate(zip(new, old, strict=False)):
        if a != b:
            yield invalid_value(f"spec.{field}[{index}]", new, "may not change once set")
