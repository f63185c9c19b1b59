"""The cluster's network as a client meets it: names, Services, endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.dns import CONFIG_MAP, KEY, NAMESPACE, STANDARD
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.network.corefile import Corefile, read_corefile
from aiops.lab.traffic.network.policies import NetworkPolicies, Peer
from aiops.lab.traffic.network.resolver import ZONE
from aiops.lab.traffic.network.shaping import bandwidth_of

DNS_NAMESPACE, DNS_SERVICE, DNS_PORT = "kube-system", "kube-dns", 53
_DNS_ADDRESS = "10.96.0.10"
_DOMAIN = f".svc.{ZONE}"
_ALIASES = 8
"""How many names may stand for one another."""


class Obstacle(StrEnum):
    """Why a connection does not come about."""

    UNRESOLVED = "unresolved"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Destination:
    """What an address leads to: pods, each with the port that it is reached on, or an obstacle for everybody.

    `shown` is the `ip:port` that an error message names. Of a `local` one, clients only reach what is on their node."""

    shown: str
    backends: tuple[tuple[Peer, int], ...] = ()
    obstacle: Obstacle | None = None
    named: bool = True
    local: bool = False

    def seen_from(self, node: str) -> Destination:
        """What a client on this node reaches. Packets to a Service with no endpoint that it may choose are dropped."""
        if not self.local or self.obstacle is not None:
            return self
        beside = tuple((peer, port) for peer, port in self.backends if peer.node == node)
        return replace(self, backends=beside, obstacle=None if beside else Obstacle.DROPPED)


class Network:
    """One moment of the cluster's network, read once."""

    def __init__(self, view: ClusterView) -> None:
        self.peers = {(p.namespace, p.name): p for p in map(peer_of, view.objects("Pod"))}
        self._by_address = {peer.address: peer for peer in self.peers.values() if peer.address}
        self._services = {_key(s): s for s in view.objects("Service")}
        self._by_cluster_ip = {s["spec"].get("clusterIP", ""): key for key, s in self._services.items()}
        self._slices: dict[tuple[str, str], list[Manifest]] = {}
        for piece in view.objects("EndpointSlice"):
            meta = piece["metadata"]
            owner = (meta.get("labels") or {}).get("kubernetes.io/service-name", "")
            self._slices.setdefault((meta["namespace"], owner), []).append(piece)
        self._ingresses = list(view.objects("Ingress"))
        namespaces = {n["metadata"]["name"]: n["metadata"].get("labels") or {} for n in view.objects("Namespace")}
        self.policies = NetworkPolicies(view.objects("NetworkPolicy"), namespaces)
        self.corefile = _corefile(view)
        self._known: dict[tuple[str, str, int], Destination] = {}

    def resolve(self, namespace: str, host: str, port: int) -> Destination:
        """Where `host:port` leads a client in `namespace`."""
        key = (namespace, host, port)
        if key not in self._known:
            self._known[key] = self._resolve(namespace, host, port)
        return self._known[key]

    def service(self, namespace: str, name: str) -> Manifest | None:
        return self._services.get((namespace, name))

    def cluster_ip(self, namespace: str, name: str) -> str:
        """The address of a Service; empty where it has none."""
        service = self.service(namespace, name)
        address = str(service["spec"].get("clusterIP") or "") if service else ""
        return "" if address == "None" else address

    @property
    def dns_address(self) -> str:
        """The address of the cluster's DNS, which the kubelet writes into the pods' resolvers."""
        return self.cluster_ip(DNS_NAMESPACE, DNS_SERVICE) or _DNS_ADDRESS

    def ready_addresses(self, namespace: str, service: str) -> list[str]:
        """The addresses of the ready pods behind a Service, which a headless one's name leads to."""
        return [peer.address for peer in self._ready_peers((namespace, service))]

    def endpoint_names(self, namespace: str, service: str) -> dict[str, str]:
        """The addresses of a Service's endpoints that have a name of their own."""
        return {
            endpoint["hostname"]: endpoint["addresses"][0]
            for piece in self._slices.get((namespace, service), ())
            for endpoint in piece.get("endpoints") or ()
            if endpoint.get("hostname") and endpoint.get("addresses")
        }

    def pod_at(self, address: str) -> Peer | None:
        """The pod that has an address."""
        return self._by_address.get(address)

    def resolves_names(self, client: Peer) -> bool:
        """Whether a client's DNS queries are answered."""
        dns = self.resolve(DNS_NAMESPACE, DNS_SERVICE, DNS_PORT)
        return any(self.policies.allows(client, peer, port, "UDP") for peer, port in dns.backends)

    def ingress_for(self, host: str, path: str) -> tuple[Manifest, str, Manifest] | None:
        """(Ingress, its path, its backend service) with the longest matching path; None where there is none."""
        found = [
            (len(entry.get("path", "/")), ingress, entry)
            for ingress in self._ingresses
            for rule in ingress["spec"].get("rules") or ()
            if rule.get("host", host) == host
            for entry in (rule.get("http") or {}).get("paths") or ()
            if _path_matches(entry, path) and "service" in entry["backend"]
        ]
        if not found:
            return None
        _, ingress, entry = max(found, key=lambda f: f[0])
        return ingress, entry.get("path", "/"), entry["backend"]["service"]

    def ingress_backends(self, namespace: str, service: Manifest) -> tuple[tuple[Peer, int], ...]:
        """The ready endpoints of an Ingress' backend, which the gateway connects to without the Service's address."""
        found = self._services.get((namespace, service["name"]))
        wanted = service.get("port") or {}
        for port in found["spec"].get("ports") or () if found else ():
            if wanted.get("number") == port["port"] or ("name" in wanted and wanted["name"] == port.get("name")):
                return self._endpoints(namespace, service["name"], port.get("name", ""))
        return ()

    def _resolve(self, namespace: str, host: str, port: int) -> Destination:
        if _is_address(host):
            service = self._by_cluster_ip.get(host)
            if service is None:
                peer = self._by_address.get(host)
                shown = f"{host}:{port}"
                if peer is None:
                    return Destination(shown, obstacle=Obstacle.DROPPED, named=False)
                return Destination(shown, ((peer, port),), named=False)
            return self._through_service(service, port, named=False)
        name, where = service_of(namespace, host)
        return self._named(f"{name}.{where}{_DOMAIN}" if name else host, host, port)

    def _named(self, full: str, host: str, port: int, aliases: int = _ALIASES) -> Destination:
        """Where a complete name leads, as the DNS answers it."""
        full = self.corefile.rewritten(full)
        if full in self.corefile.hosts:
            return replace(self._resolve("", self.corefile.hosts[full], port), named=True)
        name, where = service_of("", full)
        service = self._services.get((where, name))
        if service is None or not full.endswith(_DOMAIN) or not self.corefile.serves(full):
            return Destination(f"{host}:{port}", obstacle=Obstacle.UNRESOLVED)
        if service["spec"].get("type") == "ExternalName":
            target = str(service["spec"].get("externalName", "")).rstrip(".")
            return self._named(target if aliases else "", host, port, aliases - 1)
        return self._through_service((where, name), port, named=True)

    def _through_service(self, key: tuple[str, str], port: int, *, named: bool) -> Destination:
        spec = self._services[key]["spec"]
        cluster_ip = spec.get("clusterIP", "")
        if cluster_ip == "None":
            backends = tuple((peer, port) for peer in self._ready_peers(key))
            shown = f"{backends[0][0].address if backends else key[1]}:{port}"
            return Destination(shown, backends, None if backends else Obstacle.UNRESOLVED, named)
        shown = f"{cluster_ip or key[1]}:{port}"
        entry = next((p for p in spec.get("ports") or () if p["port"] == port), None)
        if entry is None:  # kube-proxy has no rule for this port: nobody answers
            return Destination(shown, obstacle=Obstacle.DROPPED, named=named)
        backends = self._endpoints(*key, entry.get("name", ""))
        local = spec.get("internalTrafficPolicy") == "Local"
        return Destination(shown, backends, None if backends else Obstacle.REFUSED, named, local)

    def _endpoints(self, namespace: str, service: str, port_name: str) -> tuple[tuple[Peer, int], ...]:
        found = []
        for piece in self._slices.get((namespace, service), ()):
            ports = [p["port"] for p in piece.get("ports") or () if (p.get("name") or "") == port_name]
            if ports:
                found += [(peer, ports[0]) for peer in self._of_slice(piece)]
        return tuple(sorted(found, key=lambda f: (f[0].name, f[1])))

    def _ready_peers(self, key: tuple[str, str]) -> list[Peer]:
        found = {peer.name: peer for piece in self._slices.get(key, ()) for peer in self._of_slice(piece)}
        return [found[name] for name in sorted(found)]

    def _of_slice(self, piece: Manifest) -> Iterable[Peer]:
        for endpoint in piece.get("endpoints") or ():
            if (endpoint.get("conditions") or {}).get("ready") is not False:
                yield from (self._by_address[a] for a in endpoint["addresses"] if a in self._by_address)


def service_of(namespace: str, host: str) -> tuple[str, str]:
    """(name, namespace) of the Service that a host name stands for in a namespace; the name is empty for another."""
    parts = host.removesuffix(".").removesuffix(_DOMAIN).removesuffix(".svc").split(".")
    if len(parts) > 2:
        return "", ""
    return (parts[0], namespace) if len(parts) == 1 else (parts[0], parts[1])


_WHOLE = ("Pod", "Service", "EndpointSlice", "NetworkPolicy", "Ingress", "Namespace")
READ = (*_WHOLE, "ConfigMap")
"""Kinds of which `Network` reads objects: all of those of most, one ConfigMap."""


def network_fingerprint(view: ClusterView) -> tuple[str, ...]:
    """Changes whenever something that `Network` reads has changed."""
    config = view.find("ConfigMap", NAMESPACE, CONFIG_MAP)
    read = [o for k in _WHOLE for o in view.objects(k)] + ([config] if config else [])
    return tuple(f"{o['metadata'].get('uid')}/{o['metadata'].get('resourceVersion')}" for o in read)


def _corefile(view: ClusterView) -> Corefile:
    """What the cluster's DNS is told; as a new cluster's where nobody has written it down."""
    config = view.find("ConfigMap", NAMESPACE, CONFIG_MAP)
    return read_corefile(((config or {}).get("data") or {}).get(KEY, STANDARD))


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


def peer_of(pod: Manifest) -> Peer:
    """A pod as the network knows it; one that has ended has no address."""
    ports = tuple(
        (port["name"], port["containerPort"])
        for container in pod["spec"].get("containers") or ()
        for port in container.get("ports") or ()
        if port.get("name")
    )
    meta, status = pod["metadata"], pod.get("status") or {}
    ended = status.get("phase") in ("Succeeded", "Failed")
    return Peer(
        namespace=meta["namespace"],
        name=meta["name"],
        address="" if ended else status.get("podIP", ""),
        node=pod["spec"].get("nodeName", ""),
        labels=tuple(sorted((meta.get("labels") or {}).items())),
        ports=ports,
        bandwidth=bandwidth_of(pod),
    )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _path_matches(entry: Manifest, path: str) -> bool:
    prefix = entry.get("path", "/")
    if entry.get("pathType") == "Exact":
        return bool(path == prefix)
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")
