"""What NetworkPolicies let a pod's connections reach. Source of the rules: the NetworkPolicy API's reference."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any

from aiops.core.entity import Manifest
from aiops.faults.kit.workloads import Labels


def egress_allowed(
    policies: Iterable[Manifest], source: Labels, pod: Manifest, port: int, space: Labels, protocol: str = "TCP"
) -> bool:
    """Whether pods with labels `source` may connect to `port` of a pod in a namespace whose labels `space` are.

    `policies` are those of the source's namespace. Where none selects the source for egress, everything is allowed."""
    selecting = [
        policy["spec"]
        for policy in policies
        if "Egress" in policy["spec"].get("policyTypes", ()) and selects(policy["spec"].get("podSelector"), source)
    ]
    return not selecting or any(
        _rule_allows(rule, pod, port, space, protocol) for spec in selecting for rule in spec.get("egress") or ()
    )


def selects(selector: dict[str, Any] | None, labels: Labels) -> bool:
    """Whether a label selector selects; an empty one selects everything."""
    wanted = (selector or {}).get("matchLabels") or {}
    expressions = (selector or {}).get("matchExpressions") or ()
    return wanted.items() <= labels.items() and all(_matches(expression, labels) for expression in expressions)


def _matches(expression: dict[str, Any], labels: Labels) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or ()
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    return bool((labels.get(key) in values) == (operator == "In"))


def _rule_allows(rule: dict[str, Any], pod: Manifest, port: int, space: Labels, protocol: str) -> bool:
    peers = rule.get("to") or ()
    return (not peers or any(is_peer(peer, pod, space) for peer in peers)) and opens(rule, pod, port, protocol)


def opens(rule: dict[str, Any], pod: Manifest, port: int, protocol: str = "TCP") -> bool:
    """Whether a rule is about a port of the pod that is connected to."""
    ports = rule.get("ports") or ()
    return not ports or any(_is_port(entry, pod, port, protocol) for entry in ports)


def is_peer(peer: dict[str, Any], pod: Manifest, space: Labels) -> bool:
    """Whether a peer of a rule is this pod, in a namespace whose labels `space` are."""
    if "ipBlock" in peer:
        return _in_block(peer["ipBlock"], (pod.get("status") or {}).get("podIP", ""))
    if "namespaceSelector" in peer and not selects(peer["namespaceSelector"], space):
        return False
    return "podSelector" not in peer or selects(peer["podSelector"], pod["metadata"].get("labels") or {})


def _in_block(block: dict[str, Any], address: str) -> bool:
    if not address:
        return False
    inside = ip_address(address)
    excepted = [ip_network(part) for part in block.get("except") or ()]
    return inside in ip_network(block["cidr"]) and not any(inside in part for part in excepted)


def _is_port(entry: dict[str, Any], pod: Manifest, port: int, protocol: str) -> bool:
    if entry.get("protocol", "TCP") != protocol:
        return False
    wanted = entry.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        listed = [item for container in pod["spec"]["containers"] for item in container.get("ports") or ()]
        return any(item.get("name") == wanted and item["containerPort"] == port for item in listed)
    return bool(wanted <= port <= entry.get("endPort", wanted))
