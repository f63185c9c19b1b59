"""Fault: a NetworkPolicy that forgets one of the services that a workload calls."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.candidates import needed_calls
from aiops.faults.parameters import one_of, pick_call
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

DNS_PORTS = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


@fault("network.policy", entity="NetworkPolicy", family="network", tags=frozenset({"kubernetes", "network"}))
async def network_policy_blocks_edge(
    target: Target,
    call: Annotated[Edge, pick_call()],
    suffix: Annotated[str, one_of("egress", "egress-hardening", "allowed-egress", "outbound")],
) -> GroundTruth:
    """A new egress policy lets a workload reach DNS and all services that it calls but one: those calls time out."""
    caller = call.source
    deployment = await target.get(caller)
    labels: dict[str, str] = deployment["spec"]["selector"]["matchLabels"]
    if await _has_egress_policy(target, caller.namespace, deployment["spec"]["template"]["metadata"]["labels"]):
        raise NotPossibleError(f"{caller}: an egress policy selects its pods already; another one only adds to it")
    callees = [edge.target for edge in await needed_calls(target, caller.namespace) if edge.source == caller]
    peers = [
        {"podSelector": {"matchLabels": (await target.get(callee))["spec"]["selector"]}}
        for callee in callees
        if callee != call.target
    ]
    policy = Entity(kind="NetworkPolicy", namespace=caller.namespace, name=f"{caller.name}-{suffix}")
    await target.create(_policy(policy, labels, peers))
    return GroundTruth(subject=policy, mechanism=Mechanism.NETWORK_POLICY, field="spec.egress")


async def _has_egress_policy(target: Target, namespace: str, labels: dict[str, str]) -> bool:
    for policy in await target.list("NetworkPolicy", namespace):
        spec = policy["spec"]
        wanted = (spec.get("podSelector") or {}).get("matchLabels") or {}
        if "Egress" in spec.get("policyTypes", ()) and wanted.items() <= labels.items():
            return True
    return False


def _policy(policy: Entity, labels: dict[str, str], peers: list[dict[str, Any]]) -> Manifest:
    rules: list[dict[str, Any]] = [{"ports": DNS_PORTS}]
    if peers:
        rules.append({"to": peers})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": policy.name, "namespace": policy.namespace, "labels": dict(labels)},
        "spec": {"podSelector": {"matchLabels": dict(labels)}, "policyTypes": ["Egress"], "egress": rules},
    }
