"""The smallest edit of NetworkPolicies that allows one connection and changes no other decision.

Candidates are tried from the narrowest up, and each is checked by the interpreter over every pair of endpoints: an
edit is only returned where it allows exactly the connection asked for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiops.analysis.policy.network import (
    Decision,
    Direction,
    Endpoint,
    Policies,
    policy_entity,
    port_allowed,
)
from aiops.analysis.selectors import matches
from aiops.core.entity import Entity, Manifest

OUTSIDE = Endpoint("", "outside", ip="203.0.113.1")
"""An address outside every cluster (TEST-NET-3): what it may do must not change either."""

NAMESPACE_LABEL = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class Connection:
    """What must be allowed. The labels tell each side's pods from all others of their namespaces."""

    source: Endpoint
    source_labels: Mapping[str, str]
    target: Endpoint
    target_labels: Mapping[str, str]
    port: int
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True)
class PolicyEdit:
    """A policy's new spec. `created` where the policy does not exist yet. `path` is the field that changes."""

    policy: Entity
    spec: Manifest
    created: bool
    path: str
    what: str


@dataclass(frozen=True, slots=True)
class _Side:
    """The blocked side of a connection: whose policies need an edit, and whom they have to let through."""

    direction: Direction
    subject: Endpoint
    subject_labels: Mapping[str, str]
    peer: Endpoint
    peer_labels: Mapping[str, str]

    @property
    def rules(self) -> str:
        return self.direction.lower()

    @property
    def peers(self) -> str:
        return "from" if self.direction == "Ingress" else "to"


def smallest_edits(
    policies: Sequence[Manifest],
    namespaces: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
    wanted: Connection,
) -> tuple[PolicyEdit, ...] | None:
    """The edits (one a blocked direction) after which `wanted` is allowed and nothing else changed.

    `endpoints` are all the pods whose decisions must stay (one a workload is enough). Empty where `wanted` is
    allowed already; None where no candidate changes it alone.
    """
    current = list(policies)
    edits: list[PolicyEdit] = []
    for _ in ("Egress", "Ingress"):
        decision = Policies(current, namespaces).decide(wanted.source, wanted.target, wanted.port, wanted.protocol)
        if decision.allowed:
            break
        edit = _unblock(current, namespaces, endpoints, wanted, decision)
        if edit is None:
            return None
        current = _apply(current, edit)
        edits.append(edit)
    return tuple(edits)


def _unblock(
    policies: list[Manifest],
    namespaces: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
    wanted: Connection,
    decision: Decision,
) -> PolicyEdit | None:
    side = _side(wanted, decision.direction or "Ingress")
    for edit in _candidates(policies, namespaces, wanted, side):
        if _changes_only(policies, _apply(policies, edit), namespaces, endpoints, wanted, side.direction):
            return edit
    return None


def _side(wanted: Connection, direction: Direction) -> _Side:
    if direction == "Ingress":
        return _Side(direction, wanted.target, wanted.target_labels, wanted.source, wanted.source_labels)
    return _Side(direction, wanted.source, wanted.source_labels, wanted.target, wanted.target_labels)


def _candidates(
    policies: list[Manifest], namespaces: Mapping[str, Mapping[str, str]], wanted: Connection, side: _Side
) -> Iterator[PolicyEdit]:
    world = Policies(policies, namespaces)
    isolating = sorted(world.isolating(side.subject, side.direction), key=lambda p: str(policy_entity(p)))
    for policy in isolating:
        for index, rule in enumerate(policy["spec"].get(side.rules) or ()):
            yield from _widened(policy, index, rule, world, wanted, side)
    for policy in isolating:
        yield _with_rule(policy, wanted, side)
    yield _new_policy(policies, wanted, side)


def _widened(
    policy: Manifest, index: int, rule: Manifest, world: Policies, wanted: Connection, side: _Side
) -> Iterator[PolicyEdit]:
    """One more peer in a rule that has the port, or one more port in a rule that has the peer."""
    namespace = policy["metadata"]["namespace"]
    if port_allowed(rule, wanted.target, wanted.port, wanted.protocol):
        yield _edited(policy, side, index, side.peers, _peer(namespace, side), "one more peer")
    elif world.peer_allowed(rule.get(side.peers), namespace, side.peer):
        yield _edited(policy, side, index, "ports", _port(wanted), "one more port")


def _edited(policy: Manifest, side: _Side, index: int, key: str, item: Manifest, what: str) -> PolicyEdit:
    spec = copy.deepcopy(policy["spec"])
    spec[side.rules][index].setdefault(key, []).append(item)
    return PolicyEdit(policy_entity(policy), spec, False, f"spec.{side.rules}[{index}].{key}", what)


def _with_rule(policy: Manifest, wanted: Connection, side: _Side) -> PolicyEdit:
    spec = copy.deepcopy(policy["spec"])
    rules = spec.setdefault(side.rules, [])
    rules.append({side.peers: [_peer(policy["metadata"]["namespace"], side)], "ports": [_port(wanted)]})
    return PolicyEdit(policy_entity(policy), spec, False, f"spec.{side.rules}", "one more rule")


def _new_policy(policies: Sequence[Manifest], wanted: Connection, side: _Side) -> PolicyEdit:
    namespace = side.subject.namespace
    taken = {p["metadata"]["name"] for p in policies if p["metadata"]["namespace"] == namespace}
    base = f"allow-{wanted.source.name}-to-{wanted.target.name}"[:240]
    name = next(n for n in (base, *(f"{base}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)
    spec: Manifest = {
        "podSelector": {"matchLabels": dict(side.subject_labels)},
        "policyTypes": [side.direction],
        side.rules: [{side.peers: [_peer(namespace, side)], "ports": [_port(wanted)]}],
    }
    entity = Entity(kind="NetworkPolicy", namespace=namespace, name=name)
    return PolicyEdit(entity, spec, True, "spec", "one more policy")


def _peer(namespace: str, side: _Side) -> Manifest:
    peer: Manifest = {"podSelector": {"matchLabels": dict(side.peer_labels)}}
    if side.peer.namespace != namespace:
        peer["namespaceSelector"] = {"matchLabels": {NAMESPACE_LABEL: side.peer.namespace}}
    return peer


def _port(wanted: Connection) -> Manifest:
    return {"port": wanted.port, "protocol": wanted.protocol}


def _apply(policies: list[Manifest], edit: PolicyEdit) -> list[Manifest]:
    meta = {"namespace": edit.policy.namespace, "name": edit.policy.name}
    others = [p for p in policies if policy_entity(p) != edit.policy]
    return [*others, {"kind": "NetworkPolicy", "metadata": meta, "spec": edit.spec}]


def _changes_only(
    before: list[Manifest],
    after: list[Manifest],
    namespaces: Mapping[str, Mapping[str, str]],
    endpoints: Sequence[Endpoint],
    wanted: Connection,
    direction: Direction,
) -> bool:
    """Is `direction` open for `wanted` now, and every decision about other endpoints or ports as it was?"""
    old, new = Policies(before, namespaces), Policies(after, namespaces)
    decision = new.decide(wanted.source, wanted.target, wanted.port, wanted.protocol)
    if not decision.allowed and decision.direction == direction:
        return False
    everyone = [*endpoints, wanted.source, wanted.target, OUTSIDE]
    for source in everyone:
        for target in everyone:
            for port, protocol in _ports(target, wanted):
                if _is_wanted(source, target, port, protocol, wanted):
                    continue
                if (
                    old.decide(source, target, port, protocol).allowed
                    != new.decide(source, target, port, protocol).allowed
                ):
                    return False
    return True


def _ports(target: Endpoint, wanted: Connection) -> list[tuple[int, str]]:
    """The ports worth asking about: the target's own, the wanted one, and one that nobody names."""
    named = {(number, protocol) for (_, protocol), number in target.ports.items()}
    return sorted(named | {(wanted.port, wanted.protocol), (1, wanted.protocol)})


def _is_wanted(source: Endpoint, target: Endpoint, port: int, protocol: str, wanted: Connection) -> bool:
    """Is this the wanted connection between any pods of the two sides?"""
    return (
        (port, protocol) == (wanted.port, wanted.protocol)
        and source.namespace == wanted.source.namespace
        and target.namespace == wanted.target.namespace
        and matches({"matchLabels": dict(wanted.source_labels)}, source.labels)
        and matches({"matchLabels": dict(wanted.target_labels)}, target.labels)
    )
