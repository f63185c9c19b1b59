"""Fault: a NetworkPolicy lets a workload reach all that it calls, but not the cluster's DNS."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import calls_here
from aiops.faults.kit.egress import egress_allowed
from aiops.faults.kit.guards import policy
from aiops.faults.kit.ingress import labels_of_namespace
from aiops.faults.kit.reach import waiting
from aiops.faults.kit.workloads import find, pods_with, template_labels
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

DNS = Entity(kind="Service", namespace="kube-system", name="kube-dns")
PORT = 53


async def _present(target: Target, before: Before, deployment: Entity, suffix: str, form: str) -> bool:
    """The workload's pods must be allowed to ask every pod of the DNS."""
    found = await find(target, deployment)
    if found is None:
        return True
    policies, space = (
        await target.list("NetworkPolicy", deployment.namespace),
        await labels_of_namespace(target, DNS.namespace),
    )
    servers = await pods_with(target, DNS.namespace, (await target.get(DNS))["spec"]["selector"])
    labels = template_labels(found)
    return not all(egress_allowed(policies, labels, pod, PORT, space, "UDP") for pod in servers)


async def _other_fix(target: Target, before: Before, deployment: Entity, suffix: str, form: str) -> None:
    """The policy stays, and allows the DNS."""
    ports = [{"port": PORT, "protocol": protocol} for protocol in ("UDP", "TCP")]
    rule = {"op": "add", "path": "/spec/egress/-", "value": {"ports": ports}}
    await target.patch(_named(deployment, suffix), [rule], "json")


@fault(
    Mechanism.NETWORK_POLICY,
    entities=("NetworkPolicy",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network", "dns"}),
)
async def policy_no_dns_egress(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that users wait for", waiting, Entity.parse)],
    suffix: Annotated[str, one_of("egress", "outbound", "dependencies", "allow-out")],
    form: Annotated[str, one_of("each", "namespace", "tcp")],
) -> GroundTruth:
    """A new egress policy forgets the cluster's DNS, or its UDP: a workload's calls fail as no name is found."""
    labels: dict[str, str] = (await target.get(deployment))["spec"]["selector"]["matchLabels"]
    rules = await _rules(target, deployment, form)
    entity = _named(deployment, suffix)
    await target.create(policy(entity, labels, egress=rules))
    return GroundTruth(subject=entity, mechanism=Mechanism.NETWORK_POLICY, field="spec.egress")


async def _rules(target: Target, deployment: Entity, form: str) -> list[dict[str, Any]]:
    """What is allowed: each Service that is called, or everything of the namespace, or every TCP connection."""
    if form == "tcp":
        return [{"ports": [{"protocol": "TCP"}]}]
    if form == "namespace":
        return [{"to": [{"podSelector": {}}]}]
    called = [call.target for call in await calls_here(target, deployment.namespace) if call.source == deployment]
    selectors = [(await target.get(service))["spec"]["selector"] for service in called]
    return [{"to": [{"podSelector": {"matchLabels": selector}} for selector in selectors]}]


def _named(deployment: Entity, suffix: str) -> Entity:
    return Entity(kind="NetworkPolicy", namespace=deployment.namespace, name=f"{deployment.name}-{suffix}")
