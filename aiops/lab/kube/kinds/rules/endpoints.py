"""Endpoints and EndpointSlices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.addresses import ip, is_ip
from aiops.lab.kube.kinds.checks.causes import (
    IMMUTABLE,
    duplicate,
    invalid_value,
    not_supported,
    required,
    too_many,
)
from aiops.lab.kube.kinds.checks.formats import dns_label, dns_subdomain
from aiops.lab.kube.kinds.checks.numbers import port
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

Spec = dict[str, Any]

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_LISTS = ("endpoints", "ports")
_TYPES = ("FQDN", "IPv4", "IPv6")
_MOST_ENDPOINTS, _MOST_ADDRESSES = 1000, 100


@rules("Endpoints")
class EndpointsRules(Rules):
    """As `ValidateEndpoints`."""

    drops_status = False

    def default(self, new: Manifest) -> None:
        for subset in new.get("subsets") or ():
            for entry in subset.get("ports") or ():
                entry.setdefault("protocol", "TCP")

    def validate(self, new: Manifest) -> Iterator[Cause]:
        for index, subset in enumerate(new.get("subsets") or ()):
            path = f"subsets[{index}]"
            if not subset.get("addresses") and not subset.get("notReadyAddresses"):
                yield required(path, "must specify `addresses` or `notReadyAddresses`")
            for field in ("addresses", "notReadyAddresses"):
                for number, address in enumerate(subset.get(field) or ()):
                    yield from _address(address, f"{path}.{field}[{number}]")
            ports = subset.get("ports") or []
            for number, entry in enumerate(ports):
                yield from _port(entry, f"{path}.ports[{number}]", named=len(ports) > 1)


def _address(address: Spec, path: str) -> Iterator[Cause]:
    yield from ip(address.get("ip", ""), f"{path}.ip")
    if address.get("hostname"):
        for why in dns_label(address["hostname"]):
            yield invalid_value(f"{path}.hostname", address["hostname"], why)
    if address.get("nodeName"):
        for why in dns_subdomain(address["nodeName"]):
            yield invalid_value(f"{path}.nodeName", address["nodeName"], why)
    yield from usable_ip(address.get("ip", ""), f"{path}.ip")


def usable_ip(address: str, path: str) -> Iterator[Cause]:
    """One that something can listen on (`ValidateEndpointIP`)."""
    if not is_ip(address):
        yield invalid_value(path, address, "must be a valid IP address")
    elif address in ("0.0.0.0", "::"):  # noqa: S104 - a value that is refused
        yield invalid_value(path, address, f"may not be unspecified ({address})")
    elif address.startswith("127.") or address == "::1":
        yield invalid_value(path, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    elif address.startswith("169.254."):
        yield invalid_value(path, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    elif address.startswith("224.0.0."):
        why = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        yield invalid_value(path, address, why)


def _port(entry: Spec, path: str, *, named: bool) -> Iterator[Cause]:
    name = entry.get("name", "")
    if named and not name:
        yield required(f"{path}.name")
    elif name:
        for why in dns_label(name):
            yield invalid_value(f"{path}.name", name, why)
    yield from port(entry.get("port", 0), f"{path}.port")
    if entry["protocol"] not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", entry["protocol"], _PROTOCOLS)


def _without_empty(new: Manifest) -> None:
    """A list that is empty is stored as none, though who sent it owns it."""
    for field in _LISTS:
        new[field] = new.get(field) or None


@rules("EndpointSlice")
class EndpointSliceRules(Rules):
    """As `ValidateEndpointSlice`."""

    def default(self, new: Manifest) -> None:
        for field in _LISTS:
            new.setdefault(field, None)
        for entry in new["ports"] or ():
            entry.setdefault("name", "")
            entry.setdefault("protocol", "TCP")
        for endpoint in new["endpoints"] or ():
            endpoint.setdefault("conditions", {})

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        _without_empty(new)

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        _without_empty(new)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        kind = new.get("addressType", "")
        if not kind:
            yield required("addressType")
        elif kind not in _TYPES:
            yield not_supported("addressType", kind, _TYPES)
        names: set[str] = set()
        for index, entry in enumerate(new["ports"] or ()):
            yield from _slice_port(entry, f"ports[{index}]", names)
        endpoints = new["endpoints"] or []
        if len(endpoints) > _MOST_ENDPOINTS:
            yield too_many("endpoints", len(endpoints), _MOST_ENDPOINTS)
            return
        for index, endpoint in enumerate(endpoints):
            yield from _endpoint(endpoint, kind, f"endpoints[{index}]")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        if new.get("addressType") != old.get("addressType"):
            yield invalid_value("addressType", new.get("addressType"), IMMUTABLE)


def _slice_port(entry: Spec, path: str, names: set[str]) -> Iterator[Cause]:
    name = entry["name"]
    if name:
        for why in dns_label(name):
            yield invalid_value(f"{path}.name", name, why)
    if name in names:
        yield duplicate(f"{path}.name", name)
    names.add(name)
    if entry["protocol"] not in _PROTOCOLS:
        yield not_supported(f"{path}.protocol", entry["protocol"], _PROTOCOLS)


def _endpoint(endpoint: Spec, kind: str, path: str) -> Iterator[Cause]:
    addresses = endpoint.get("addresses") or []
    if not addresses:
        yield required(f"{path}.addresses", "must contain at least 1 address")
    elif len(addresses) > _MOST_ADDRESSES:
        yield too_many(f"{path}.addresses", len(addresses), _MOST_ADDRESSES)
    for index, address in enumerate(addresses):
        where = f"{path}.addresses[{index}]"
        if kind in ("IPv4", "IPv6"):
            yield from ip(address, where)
            if is_ip(address):
                if (":" in address) != (kind == "IPv6"):
                    yield invalid_value(f"{path}.addresses", address, f"must be an {kind} address")
                yield from usable_ip(address, where)
    if endpoint.get("hostname"):
        for why in dns_label(endpoint["hostname"]):
            yield invalid_value(f"{path}.hostname", endpoint["hostname"], why)
