"""The cluster's names: what its DNS answers to a pod, from Services, endpoints and pods.

As Kubernetes' DNS specification (version 1.1.0): Services, headless Services with their pods, pods by address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address

from aiops.lab.traffic.network.network import Network
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.resolver import ZONE, Resolver

SECONDS, TIMEOUT = 0.003, 5.0
TRIES = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name leads to: the full name that was found, its addresses, and the name that an alias stands for. It is
    `broken` where the server could not find out (SERVFAIL)."""

    name: str
    addresses: tuple[str, ...] = ()
    alias: str = ""
    broken: bool = False


Lookup = Callable[[str, str], tuple[bool, str]]
"""(service, namespace) -> (whether the query fails, the address that is answered in place of the right one or "")."""


def undisturbed(service: str, namespace: str) -> tuple[bool, str]:
    """Every name is answered as it should be."""
    del service, namespace
    return False, ""


class ClusterDns:
    """One pod's view of the DNS."""

    def __init__(self, network: Network, resolver: Resolver, disturbed: Lookup = undisturbed) -> None:
        self._network = network
        self.resolver = resolver
        self._disturbed = disturbed

    @property
    def server(self) -> str:
        """The address of the server that is asked first."""
        return next(iter(self.resolver.servers), "127.0.0.1")

    @property
    def search(self) -> tuple[str, ...]:
        return self.resolver.search

    def reachable(self, client: Peer | None) -> bool:
        """Does the DNS answer this pod at all?"""
        return client is not None and (not self._asks_the_cluster or self._network.resolves_names(client))

    @property
    def _asks_the_cluster(self) -> bool:
        return self.server == self._network.dns_address

    def resolve(self, name: str) -> Answer | None:
        """The first of the names that a resolver tries which exists; None where none does."""
        address = _address(name)
        if address:
            return Answer(name, (address,))
        return next((answer for full in self.resolver.tried(name) if (answer := self.lookup(full))), None)

    def lookup(self, full: str) -> Answer | None:
        """The answer to one complete name."""
        if full == "localhost":
            return Answer(full, ("127.0.0.1",))
        name = self._network.corefile.rewritten(full)
        if name in self._network.corefile.hosts:
            return Answer(full, (self._network.corefile.hosts[name],))
        if not name.endswith(f".{ZONE}") or not self._asks_the_cluster or not self._network.corefile.serves(name):
            return None
        found = self._in_zone(name)
        return found and replace(found, name=full)

    def _in_zone(self, full: str) -> Answer | None:
        """The answer to a complete name of the cluster."""
        parts = full.removesuffix(f".{ZONE}").split(".")
        if len(parts) == 3 and parts[2] == "svc":
            return self._service(full, parts[1], parts[0])
        if len(parts) == 4 and parts[3] == "svc":
            found = self._network.endpoint_names(parts[2], parts[1]).get(parts[0])
            return Answer(full, (found,)) if found else None
        if len(parts) == 3 and parts[2] == "pod":
            address = _address(parts[0].replace("-", "."))
            return Answer(full, (address,)) if address else None
        return None

    def _service(self, full: str, namespace: str, name: str) -> Answer | None:
        service = self._network.service(namespace, name)
        if service is None:
            return None
        fails, other = self._disturbed(name, namespace)
        if fails or other:
            return Answer(full, (other,) if other and not fails else (), broken=fails)
        spec = service["spec"]
        if spec.get("type") == "ExternalName":
            target = str(spec.get("externalName", "")).rstrip(".")
            below = self.lookup(target)
            return Answer(full, below.addresses if below else (), target)
        address = spec.get("clusterIP")
        if address and address != "None":
            return Answer(full, (address,))
        addresses = self._network.ready_addresses(namespace, name)
        return Answer(full, tuple(addresses)) if addresses else None


def _address(text: str) -> str:
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        return ""
