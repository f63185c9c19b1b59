"""Cluster IPs and node ports: given out when a Service is written, found in other Services when they are taken."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.addresses import ip, is_ip
from aiops.lab.kube.kinds.checks.causes import duplicate, invalid_value, not_supported
from aiops.lab.kube.kinds.rules.base import Reader, RefusedError

Spec = dict[str, Any]

SERVICE_RANGE = IPv4Network("10.96.0.0/16")
EXTERNAL = ("NodePort", "LoadBalancer")
NODE_PORTS = range(30000, 32768)
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_RESERVED = 256
"""The first addresses are left to those that ask for one by name, such as the cluster's DNS."""


def needs_health_check(spec: Spec) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def wants_node_ports(spec: Spec) -> bool:
    kind = spec.get("type")
    return kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False)


def needs_cluster_ip(spec: Spec) -> bool:
    return spec.get("type") != "ExternalName"


def keep_addresses(new: Manifest, old: Manifest) -> None:
    """What the caller of an update left out stays as it was; what does not suit the new type goes.

    As `normalizeClusterIPs`, `patchAllocatedValues` and `dropTypeDependentFields` do it.
    """
    now, before = new["spec"], old["spec"]
    _follow_first(now, before)
    if needs_cluster_ip(now) and needs_cluster_ip(before):
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if before.get(field) and not now.get(field):
                now[field] = before[field]
    if wants_node_ports(now) and wants_node_ports(before):
        _keep_node_ports(now, before)
    if needs_health_check(now) and needs_health_check(before) and not now.get("healthCheckNodePort"):
        now["healthCheckNodePort"] = before.get("healthCheckNodePort", 0)
    _drop_unsuitable(now, before)
    if now["type"] != "LoadBalancer":
        new["status"] = {**(new.get("status") or {}), "loadBalancer": {}}


def _follow_first(now: Spec, before: Spec) -> None:
    """`clusterIPs` follows `clusterIP` where only that one was changed or cleared."""
    first, same = now.get("clusterIP"), now.get("clusterIPs") == before.get("clusterIPs")
    if before.get("clusterIPs") and not now.get("clusterIPs") and first == before.get("clusterIP"):
        now["clusterIPs"] = before["clusterIPs"]
    elif first != before.get("clusterIP") and same:
        if first:
            now["clusterIPs"] = [first]
        else:
            now.pop("clusterIPs", None)


def _keep_node_ports(now: Spec, before: Spec) -> None:
    """By the names of the ports, as a port's other fields may have changed."""
    known = {entry.get("name", ""): entry.get("nodePort") for entry in before.get("ports") or ()}
    given = {entry["nodePort"] for entry in now.get("ports") or () if entry.get("nodePort")}
    for entry in now.get("ports") or ():
        kept = known.get(entry.get("name", ""))
        if kept and not entry.get("nodePort") and kept not in given:
            entry["nodePort"] = kept


def _drop_unsuitable(now: Spec, before: Spec) -> None:
    """What the new type has no use for, where the caller only repeats it."""
    if needs_cluster_ip(before) and not needs_cluster_ip(now):
        if now.get("clusterIPs") == before.get("clusterIPs"):
            now.pop("clusterIP", None)
        _drop(now, before, "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    if wants_node_ports(before) and not wants_node_ports(now):
        old = {entry.get("nodePort") for entry in before.get("ports") or ()}
        if all(entry.get("nodePort") in (None, *old) for entry in now.get("ports") or ()):
            for entry in now.get("ports") or ():
                entry.pop("nodePort", None)
    if needs_health_check(before) and not needs_health_check(now):
        _drop(now, before, "healthCheckNodePort")
    if before["type"] == "LoadBalancer" != now["type"]:
        _drop(now, before, "allocateLoadBalancerNodePorts", "loadBalancerClass")
    if accessible(before) and not accessible(now):
        _drop(now, before, "externalTrafficPolicy")


def _drop(now: Spec, before: Spec, *fields: str) -> None:
    for field in fields:
        if field in now and now[field] == before.get(field):
            del now[field]


def accessible(spec: Spec) -> bool:
    """Can it be reached from outside (`ExternallyAccessible`)?"""
    return spec.get("type") in EXTERNAL or (spec.get("type") == "ClusterIP" and bool(spec.get("externalIPs")))


def allocate_service(new: Manifest, reader: Reader) -> None:
    """Set what is missing. Raises `RefusedError` for what cannot be given."""
    spec = new["spec"]
    if spec["type"] != "ExternalName":
        _first(spec)
        wrong = list(address_fields(spec)) or list(_families(spec))
        if not wrong and spec.get("clusterIP") != "None":
            wrong = list(_cluster_ip(spec, new, reader))
        if wrong:
            raise RefusedError(wrong)
    if wants_node_ports(spec):
        wrong = list(_node_ports(new, reader))
        if wrong:
            raise RefusedError(wrong)
    if needs_health_check(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = _free_port(_taken_ports(new, reader))


def _first(spec: Spec) -> None:
    """`clusterIP` and `clusterIPs` go together where only the first is given."""
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]


def _families(spec: Spec) -> Iterator[Cause]:
    bare = spec.get("clusterIP") == "None" and not spec.get("selector")
    # The endpoints of such a Service are anybody's, of either family.
    policy = spec.setdefault("ipFamilyPolicy", "RequireDualStack" if bare else "SingleStack")
    given, addresses = spec.get("ipFamilies") or [], spec.get("clusterIPs") or []
    for field, values in (("cluster IPs", addresses), ("IP families", given)):
        if policy == "SingleStack" and len(values) == 2:
            why = f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {field} are specified"
            yield invalid_value("spec.ipFamilyPolicy", policy, why)
    if bare:
        spec["ipFamilies"] = given or ["IPv4"]
        if len(spec["ipFamilies"]) < 2 and policy != "SingleStack":
            spec["ipFamilies"] = [spec["ipFamilies"][0], "IPv6" if spec["ipFamilies"][0] == "IPv4" else "IPv4"]
        return
    for index, address in enumerate(addresses):
        if ":" in address and index >= len(given):
            yield invalid_value(f"spec.clusterIPs[{index}]", addresses, "IPv6 is not configured on this cluster")
    if policy == "RequireDualStack":
        why = "this cluster is not configured for dual-stack services"
        yield invalid_value("spec.ipFamilyPolicy", policy, why)
    for index, family in enumerate(given):
        if family != "IPv4":
            yield invalid_value(f"spec.ipFamilies[{index}]", family, "not configured on this cluster")
    spec["ipFamilies"] = given or ["IPv4"]


def _cluster_ip(spec: Spec, new: Manifest, reader: Reader) -> Iterator[Cause]:
    address = spec.get("clusterIP")
    if not address:
        spec["clusterIP"] = _free_ip(new, reader)
        spec["clusterIPs"] = [spec["clusterIP"]]
        return
    why = ""
    if IPv4Address(address) not in SERVICE_RANGE:
        why = "the provided network does not match the current range"
    elif address in _taken_ips(new, reader):
        why = "provided IP is already allocated"
    if why:
        yield invalid_value("spec.clusterIPs", [address], f"failed to allocate IP {address}: {why}")


def address_fields(spec: Spec) -> Iterator[Cause]:
    """The fields as the caller gave them (`ValidateServiceClusterIPsRelatedFields`)."""
    path, first, every = "spec.clusterIPs", spec.get("clusterIP"), spec.get("clusterIPs") or []
    if first and every and every[0] != first:
        yield invalid_value(path, every, "first value must match `clusterIP`")
    elif not first and every:
        yield invalid_value(path, every, "must be empty when `clusterIP` is not specified")
    yield from _family_fields(spec)
    wrong = False
    for index, address in enumerate(every):
        if index == 0 and address == "None":
            if len(every) > 1:
                wrong = True
                yield invalid_value(path, every, "'None' must be the first and only value")
        elif not is_ip(address):
            wrong = True
            yield from ip(address, f"{path}[{index}]")
    if len(every) > 2:
        yield invalid_value(path, every, "may only hold up to 2 values")
    if wrong or every == ["None"]:
        return
    if len(every) > 1 and len({":" in address for address in every}) < len(every):
        yield invalid_value(path, every, "may specify no more than one IP for each IP family")
    for index, (address, family) in enumerate(zip(every, spec.get("ipFamilies") or (), strict=False)):
        if family in _FAMILIES and (":" in address) != (family == "IPv6"):
            why = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            yield invalid_value(f"{path}[{index}]", address, why)


def _family_fields(spec: Spec) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family not in _FAMILIES:
            yield not_supported(f"spec.ipFamilies[{index}]", family, _FAMILIES)
        if family in seen:
            yield duplicate(f"spec.ipFamilies[{index}]", family)
        seen.add(family)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _FAMILY_POLICIES:
        yield not_supported("spec.ipFamilyPolicy", policy, _FAMILY_POLICIES)


def _taken_ips(new: Manifest, reader: Reader) -> set[str]:
    own = new["metadata"].get("uid")
    return {
        address
        for service in reader.objects("Service")
        if service["metadata"].get("uid") != own
        for address in service["spec"].get("clusterIPs") or ()
        if address != "None"
    }


def _free_ip(new: Manifest, reader: Reader) -> str:
    taken = _taken_ips(new, reader)
    addresses = (str(SERVICE_RANGE[i]) for i in range(_RESERVED + 1, SERVICE_RANGE.num_addresses - 1))
    return next(address for address in addresses if address not in taken)


def _taken_ports(new: Manifest, reader: Reader) -> set[int]:
    own = new["metadata"].get("uid")
    taken: set[int] = set()
    for service in reader.objects("Service"):
        if service["metadata"].get("uid") != own:
            taken |= {entry["nodePort"] for entry in service["spec"].get("ports") or () if entry.get("nodePort")}
            if service["spec"].get("healthCheckNodePort"):
                taken.add(service["spec"]["healthCheckNodePort"])
    return taken


def _node_ports(new: Manifest, reader: Reader) -> Iterator[Cause]:
    taken, ports = _taken_ports(new, reader), new["spec"].get("ports") or []
    for index, entry in enumerate(ports):
        number = entry.get("nodePort")
        path = f"spec.ports[{index}].nodePort"
        if not number:
            entry["nodePort"] = _free_port(taken | {p["nodePort"] for p in ports if p.get("nodePort")})
        elif number not in NODE_PORTS:
            valid = f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
            why = f"provided port is not in the valid range. The range of valid ports is {valid}"
            yield invalid_value(path, number, why)
        elif number in taken:
            yield invalid_value(path, number, "provided port is already allocated")


def _free_port(taken: set[int]) -> int:
    return next(number for number in NODE_PORTS if number not in taken)
