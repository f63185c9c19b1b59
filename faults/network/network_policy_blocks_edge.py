"""Fault: a NetworkPolicy that forgets one of the services that a workload calls."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import needed_calls
from aiops.faults.kit.egress import egress_allowed
from aiops.faults.kit.service_ports import sends_to
from aiops.faults.kit.workloads import find, pods_with, template_labels
from aiops.faults.parameters import one_of, pick_call
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

DNS_PORTS = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


async def _present(target: Target, before: Before, call: Edge, suffix: str) -> bool:
    """Whether the caller's pods may not connect to a pod of the service that they call."""
    deployment, service = await find(target, call.source), await find(target, call.target)
    if deployment is None or service is None:
        return True
    namespace = call.source.namespace
    policies = await target.list("NetworkPolicy", namespace)
    space = (await target.get(Entity(kind="Namespace", name=namespace)))["metadata"].get("labels") or {}
    ports = {port for entry in service["spec"]["ports"] for port in await sends_to(target, service, entry)}
    return not all(
        egress_allowed(policies, template_labels(deployment), pod, port, space)
        for pod in await pods_with(target, namespace, service["spec"].get("selector") or {})
        for port in sorted(ports)
    )


async def _other_fix(target: Target, before: Before, call: Edge, suffix: str) -> None:
    """The policy stays, and allows the service that it forgot."""
    selector = (await target.get(call.target))["spec"]["selector"]
    rule = {"to": [{"podSelector": {"matchLabels": selector}}]}
    await target.patch(_policy_of(call, suffix), [{"op": "add", "path": "/spec/egress/-", "value": rule}], "json")


@fault(
    Mechanism.NETWORK_POLICY,
    entities=("NetworkPolicy",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network"}),
)
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
    policy = _policy_of(call, suffix)
    await target.create(_policy(policy, labels, peers))
    return GroundTruth(subject=policy, mechanism=Mechanism.NETWORK_POLICY, field="spec.egress")


def _policy_of(call: Edge, suffix: str) -> Entity:
    return Entity(kind="NetworkPolicy", namespace=call.source.namespace, name=f"{call.source.name}-{suffix}")


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
