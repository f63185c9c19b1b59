"""Names as processes look them up: which ones a resolver asks for, whether it is answered, and by whom."""

from __future__ import annotations

from aiops.lab.traffic.network.network import Destination, Network, Obstacle, service_of
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.resolver import ZONE, resolver_of
from aiops.lab.traffic.processes.process import Process


class Names:
    """The look-ups of one moment; what many processes ask alike is worked out once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._answered: dict[Peer, bool] = {}
        self._known: dict[tuple[str, str, bool], tuple[str, ...]] = {}

    def resolves(self, client: Peer) -> bool:
        """Whether a client's queries are answered."""
        if client not in self._answered:
            self._answered[client] = self._network.resolves_names(client)
        return self._answered[client]

    def finds(self, process: Process, host: str) -> bool:
        """Whether a process' resolver comes to the right name of the cluster, and asks the cluster's DNS for it."""
        if _asks_the_cluster(process):
            return True
        resolver = resolver_of(process.container.pod, process.namespace, self._network.dns_address)
        name, where = service_of(process.namespace, host)
        full = f"{name}.{where}.svc.{ZONE}"
        return resolver.servers[:1] == (self._network.dns_address,) and full in resolver.tried(host)

    def asked(
        self, process: Process, client: Peer | None, host: str, destination: Destination
    ) -> tuple[tuple[str, ...], bool]:
        """The names that a client asks the cluster's DNS for until it has an address, and whether it gets one."""
        if client is None or not destination.named or not self.resolves(client):
            return (), False
        exists = destination.obstacle is not Obstacle.UNRESOLVED and self.finds(process, host)
        if not _asks_the_cluster(process) or process.container.pod["spec"].get("dnsConfig"):
            return self._tried(process, host, exists), exists
        key = (process.namespace, host, exists)
        if key not in self._known:
            self._known[key] = self._tried(process, host, exists)
        return self._known[key], exists

    def _tried(self, process: Process, host: str, exists: bool) -> tuple[str, ...]:
        resolver = resolver_of(process.container.pod, process.namespace, self._network.dns_address)
        if resolver.servers[:1] != (self._network.dns_address,):
            return ()
        tried = tuple(resolver.tried(host))
        name, where = service_of(process.namespace, host)
        full = f"{name}.{where}.svc.{ZONE}" if name else host.rstrip(".").lower()
        return tried[: tried.index(full) + 1] if exists and full in tried else tried


def _asks_the_cluster(process: Process) -> bool:
    """Whether a process looks names up as pods do that nobody has told otherwise."""
    spec = process.container.pod["spec"]
    return spec.get("dnsPolicy", "ClusterFirst") == "ClusterFirst" and not spec.get("hostNetwork")
