"""An interpreter of Kubernetes NetworkPolicies (networking.k8s.io/v1).

Source of the rules: the API's field documentation and https://kubernetes.io/docs/concepts/services-networking/network-policies/.
Policies only ever allow: a pod that some policy selects for a direction is isolated in it, and then what any of
these policies allows is allowed. A connection needs the source's egress and the target's ingress.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from aiops.analysis.selectors import matches
from aiops.core.entity import Entity, Manifest

Direction = Literal["Ingress", "Egress"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One side of a connection. Without a namespace it is outside the cluster and only its address counts.

    `ports` are the named container ports: (name, protocol) -> number.
    """

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""
    ports: Mapping[tuple[str, str], int] = field(default_factory=dict)


def endpoint(pod: Manifest) -> Endpoint:
    """The endpoint of a raw Pod, or of a pod template that was given a namespace and a name."""
    meta, spec = pod["metadata"], pod.get("spec", {})
    ports = {
        (port["name"], port.get("protocol", "TCP")): int(port["containerPort"])
        for container in spec.get("containers", [])
        for port in container.get("ports", [])
        if port.get("name")
    }
    ip = pod.get("status", {}).get("podIP", "")
    return Endpoint(meta["namespace"], meta["name"], meta.get("labels", {}), ip, ports)


@dataclass(frozen=True, slots=True)
class Decision:
    """`blocking` are the policies that isolate the denying side and do not allow the connection, by name."""

    allowed: bool
    direction: Direction | None = None
    blocking: tuple[Entity, ...] = ()


class Policies:
    """A set of NetworkPolicies over namespaces (name -> labels)."""

    def __init__(self, policies: Sequence[Manifest], namespaces: Mapping[str, Mapping[str, str]]) -> None:
        self._policies = list(policies)
        self._namespaces = namespaces

    def decide(self, source: Endpoint, target: Endpoint, port: int, protocol: str = "TCP") -> Decision:
        """May `source` open a connection to `port` (a number) of `target`?"""
        if source.namespace and (source.namespace, source.name) == (target.namespace, target.name):
            return Decision(True)
        sides: tuple[tuple[Direction, Endpoint, Endpoint], ...] = (
            ("Egress", source, target),
            ("Ingress", target, source),
        )
        for direction, subject, peer in sides:
            isolating = self.isolating(subject, direction)
            allowed = any(self._allows(policy, direction, peer, target, port, protocol) for policy in isolating)
            if isolating and not allowed:
                names = tuple(sorted((policy_entity(p) for p in isolating), key=str))
                return Decision(False, direction, names)
        return Decision(True)

    def isolating(self, subject: Endpoint, direction: Direction) -> list[Manifest]:
        """The policies that select `subject` for `direction`."""
        if not subject.namespace:
            return []
        return [
            policy
            for policy in self._policies
            if policy["metadata"]["namespace"] == subject.namespace
            and direction in policy_types(policy["spec"])
            and matches(policy["spec"].get("podSelector") or {}, subject.labels)
        ]

    def _allows(
        self, policy: Manifest, direction: Direction, peer: Endpoint, target: Endpoint, port: int, protocol: str
    ) -> bool:
        key, peers = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
        namespace = policy["metadata"]["namespace"]
        return any(
            port_allowed(rule, target, port, protocol) and self.peer_allowed(rule.get(peers), namespace, peer)
            for rule in policy["spec"].get(key) or ()
        )

    def peer_allowed(self, peers: Sequence[Manifest] | None, namespace: str, peer: Endpoint) -> bool:
        """Does a rule's list of peers, in a policy of `namespace`, hold `peer`? No list holds everybody."""
        return not peers or any(self._peer_matches(candidate, namespace, peer) for candidate in peers)

    def _peer_matches(self, candidate: Manifest, namespace: str, peer: Endpoint) -> bool:
        block = candidate.get("ipBlock")
        if block is not None:
            return bool(peer.ip) and _in_block(block, peer.ip)
        if not peer.namespace:
            return False
        namespaces = candidate.get("namespaceSelector")
        if namespaces is None:
            if peer.namespace != namespace:
                return False
        elif not matches(namespaces, self.namespace_labels(peer.namespace)):
            return False
        pods = candidate.get("podSelector")
        return pods is None or matches(pods, peer.labels)

    def namespace_labels(self, name: str) -> Mapping[str, str]:
        """A namespace's labels; the API server always sets the one with its name."""
        return {"kubernetes.io/metadata.name": name, **self._namespaces.get(name, {})}


def policy_entity(policy: Manifest) -> Entity:
    """The entity of a raw NetworkPolicy (lists leave the kind out)."""
    meta = policy["metadata"]
    return Entity(kind="NetworkPolicy", namespace=meta["namespace"], name=meta["name"])


def policy_types(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The directions that a policy isolates, with the API's default where `policyTypes` is not given."""
    types = spec.get("policyTypes")
    if types:
        return tuple(types)
    return ("Ingress", "Egress") if spec.get("egress") else ("Ingress",)


def port_allowed(rule: Mapping[str, Any], target: Endpoint, port: int, protocol: str) -> bool:
    """Does a rule's list of ports hold `port` of `target`? No list holds every port; names are `target`'s."""
    ports = rule.get("ports")
    return not ports or any(_port_matches(candidate, target, port, protocol) for candidate in ports)


def _port_matches(candidate: Mapping[str, Any], target: Endpoint, port: int, protocol: str) -> bool:
    if candidate.get("protocol", "TCP") != protocol:
        return False
    wanted = candidate.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return target.ports.get((wanted, protocol)) == port
    return bool(wanted <= port <= candidate.get("endPort", wanted))


def _in_block(block: Mapping[str, Any], ip: str) -> bool:
    address = ip_address(ip)
    excluded = (ip_network(cidr, strict=False) for cidr in block.get("except") or ())
    return address in ip_network(block["cidr"], strict=False) and not any(address in net for net in excluded)
