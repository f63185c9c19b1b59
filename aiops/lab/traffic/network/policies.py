"""NetworkPolicies: may a pod open a connection to another one? As the API's documentation of `networking.k8s.io/v1`.

The lab judges what the assistant repairs, so it must not share a mistake with it: this and the assistant's interpreter
(`analysis.policy.network`) were written apart and share no code, label selectors included. A property test compares
their answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from aiops.core.entity import Manifest


@dataclass(frozen=True, slots=True)
class Peer:
    """A pod as a policy sees it: labels as (name, value) pairs; `ports` are its named container ports. `bandwidth` is
    what its network plugin lets through, in bytes a second; 0 where that is not limited."""

    namespace: str
    name: str
    address: str
    node: str
    labels: tuple[tuple[str, str], ...]
    ports: tuple[tuple[str, int], ...] = ()
    bandwidth: float = 0.0


class NetworkPolicies:
    """All policies of the cluster. A pod that no policy selects in a direction allows everything there."""

    def __init__(self, policies: Iterable[Manifest], namespaces: Mapping[str, Mapping[str, str]]) -> None:
        self._namespaces = namespaces
        self._ingress: dict[str, list[Manifest]] = {}
        self._egress: dict[str, list[Manifest]] = {}
        for policy in policies:
            namespace, spec = policy["metadata"]["namespace"], policy["spec"]
            types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
            for direction, kept in (("Ingress", self._ingress), ("Egress", self._egress)):
                if direction in types:
                    kept.setdefault(namespace, []).append(spec)

    def allows(self, source: Peer, target: Peer, port: int, protocol: str = "TCP") -> bool:
        """Whether `source` may reach `port` of `target`."""
        if source == target:
            return True
        out = [s for s in self._egress.get(source.namespace, ()) if selects(s.get("podSelector"), dict(source.labels))]
        into = [
            s for s in self._ingress.get(target.namespace, ()) if selects(s.get("podSelector"), dict(target.labels))
        ]
        return self._any(out, "egress", "to", source, target, target, port, protocol) and self._any(
            into, "ingress", "from", target, source, target, port, protocol
        )

    def _any(
        self,
        specs: list[Manifest],
        rules: str,
        peers: str,
        subject: Peer,
        other: Peer,
        target: Peer,
        port: int,
        proto: str,
    ) -> bool:
        if not specs:
            return True
        return any(
            self._peer_matches(rule.get(peers), subject.namespace, other)
            and _port_matches(rule.get("ports"), target, port, proto)
            for spec in specs
            for rule in spec.get(rules) or ()
        )

    def _peer_matches(self, peers: list[Manifest] | None, home: str, other: Peer) -> bool:
        if not peers:
            return True
        return any(self._one_matches(peer, home, other) for peer in peers)

    def _one_matches(self, peer: Manifest, home: str, other: Peer) -> bool:
        block = peer.get("ipBlock")
        if block:
            return _in_block(block, other.address)
        if "namespaceSelector" in peer:
            if not selects(peer["namespaceSelector"], self._namespaces.get(other.namespace, {})):
                return False
        elif other.namespace != home:
            return False
        return selects(peer.get("podSelector"), dict(other.labels))


def selects(selector: Manifest | None, labels: Mapping[str, str]) -> bool:
    """Whether a Kubernetes label selector selects these labels; an empty one selects everything."""
    wanted = (selector or {}).get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_expression(e, labels) for e in (selector or {}).get("matchExpressions") or ())


def _expression(expression: Manifest, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), list(expression.get("values") or ())
    operator = str(expression["operator"])
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    return (value is not None) == (operator == "Exists")


def _in_block(block: Manifest, address: str) -> bool:
    if not address:
        return False
    here = ip_address(address)
    inside = here in ip_network(block["cidr"], strict=False)
    return inside and not any(here in ip_network(cut, strict=False) for cut in block.get("except") or ())


def _port_matches(ports: list[dict[str, Any]] | None, target: Peer, port: int, protocol: str) -> bool:
    if not ports:
        return True
    return any(_one_port(entry, target, port) and entry.get("protocol", "TCP") == protocol for entry in ports)


def _one_port(entry: dict[str, Any], target: Peer, port: int) -> bool:
    wanted = entry.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return (wanted, port) in target.ports
    return bool(wanted <= port <= entry.get("endPort", wanted))
