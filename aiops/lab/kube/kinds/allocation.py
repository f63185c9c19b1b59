"""Addresses that the API server gives out: cluster IPs and node ports of Services, pod ranges of Nodes."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Protocol

from aiops.core.entity import Manifest

SERVICE_RANGE = IPv4Network("10.96.0.0/16")
POD_RANGE = IPv4Network("10.244.0.0/16")
NODE_PREFIX = 24
NODE_PORTS = range(30000, 32768)


class _Reader(Protocol):
    def objects(self, kind: str, namespace: str = "") -> list[Manifest]: ...


def allocate(reader: _Reader, kind: str, manifest: Manifest, old: Manifest | None) -> None:
    """Set the addresses of a new object, and keep those of an old one that the caller left out."""
    if kind == "Service":
        _service(reader, manifest, old)
    elif kind == "Node" and not manifest["spec"].get("podCIDR"):
        taken = {node["spec"].get("podCIDR") for node in reader.objects("Node")}
        free = (str(net) for net in POD_RANGE.subnets(new_prefix=NODE_PREFIX) if str(net) not in taken)
        manifest["spec"]["podCIDR"] = (old or {}).get("spec", {}).get("podCIDR") or next(free)
        manifest["spec"]["podCIDRs"] = [manifest["spec"]["podCIDR"]]


def _service(reader: _Reader, manifest: Manifest, old: Manifest | None) -> None:
    spec = manifest["spec"]
    if spec["type"] == "ExternalName":
        return
    before = (old or {}).get("spec", {})
    if not spec.get("clusterIP"):
        spec["clusterIP"] = before.get("clusterIP") or _free_ip(reader.objects("Service"))
    spec["clusterIPs"] = [spec["clusterIP"]]
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _node_ports(reader, spec["ports"], before.get("ports") or [])


def _free_ip(services: Iterable[Manifest]) -> str:
    taken = {service["spec"].get("clusterIP") for service in services}
    # The first ten addresses are left to those that ask for one by name, such as the cluster's DNS.
    addresses = (str(SERVICE_RANGE[i]) for i in range(10, SERVICE_RANGE.num_addresses - 1))
    return next(address for address in addresses if address not in taken)


def _node_ports(reader: _Reader, ports: list[Manifest], before: list[Manifest]) -> None:
    kept = {(port["port"], port["protocol"]): port.get("nodePort") for port in before}
    taken = {port.get("nodePort") for service in reader.objects("Service") for port in service["spec"].get("ports", ())}
    free = (number for number in NODE_PORTS if number not in taken)
    for port in ports:
        if not port.get("nodePort"):
            port["nodePort"] = kept.get((port["port"], port["protocol"])) or next(free)
