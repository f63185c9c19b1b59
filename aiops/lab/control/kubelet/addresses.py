"""IP addresses of nodes and pods."""

from __future__ import annotations

from ipaddress import IPv4Network

from aiops.core.entity import Manifest
from aiops.lab.kube.storage.store import ObjectStore


class PodAddresses:
    """Gives each pod an address from its node's range, going round so that an address is not used again at once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._next: dict[str, int] = {}
        self._taken: dict[str, None] = {}

    def take(self, pod: Manifest) -> str:
        node = self._store.get("Node", "", pod["spec"]["nodeName"])
        if pod["spec"].get("hostNetwork"):
            return node_ip(node)
        network = IPv4Network(node["spec"]["podCIDR"])
        # The first address is the bridge's.
        usable = network.num_addresses - 3
        start = self._next.get(node["metadata"]["name"], 0)
        for step in range(usable):
            address = str(network[2 + (start + step) % usable])
            if address not in self._taken:
                self._next[node["metadata"]["name"]] = start + step + 1
                self._taken[address] = None
                return address
        return str(network[1])

    def free(self, address: str) -> None:
        self._taken.pop(address, None)


def host_ip(store: ObjectStore, pod: Manifest) -> str:
    """The address of the node that runs a pod."""
    node = store.find("Node", "", pod["spec"]["nodeName"])
    return node_ip(node) if node is not None else ""


def node_ip(node: Manifest) -> str:
    addresses = node.get("status", {}).get("addresses") or ()
    return next((str(entry["address"]) for entry in addresses if entry["type"] == "InternalIP"), "")
