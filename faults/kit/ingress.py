"""What NetworkPolicies let reach a pod. Source of the rules: the NetworkPolicy API's reference."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.egress import egress_allowed, is_peer, opens, selects
from aiops.faults.kit.service_ports import reached
from aiops.faults.kit.workloads import Labels, find, pods_of, pods_with


def ingress_allowed(
    policies: Iterable[Manifest], pod: Manifest, port: int, source: Manifest, space: Labels, protocol: str = "TCP"
) -> bool:
    """Whether the pod `source`, in a namespace whose labels `space` are, may connect to `port` of `pod`.

    `policies` are those of the pod's namespace. Where none selects the pod for ingress, everything is allowed."""
    labels = pod["metadata"].get("labels") or {}
    selecting = [policy["spec"] for policy in policies if _guards(policy["spec"], labels)]
    home = source["metadata"]["namespace"] == pod["metadata"]["namespace"]
    return not selecting or any(
        opens(rule, pod, port, protocol)
        and (not rule.get("from") or any(_is_from(peer, source, space, home=home) for peer in rule["from"]))
        for spec in selecting
        for rule in spec.get("ingress") or ()
    )


async def may_call(target: Target, call: Edge) -> bool:
    """Whether every pod of a Deployment may connect to every pod of a Service that it calls, there and here. Both must
    be there."""
    deployment, service = await find(target, call.source), await find(target, call.target)
    if deployment is None or service is None:
        return False
    ours, theirs = call.source.namespace, call.target.namespace
    out, into = await target.list("NetworkPolicy", ours), await target.list("NetworkPolicy", theirs)
    spaces = [await labels_of_namespace(target, name) for name in (ours, theirs)]
    clients = await pods_of(target, deployment)
    servers = {
        pod["metadata"]["name"]: pod for pod in await pods_with(target, theirs, service["spec"].get("selector") or {})
    }
    wanted = [pair for entry in service["spec"]["ports"] for pair in sorted(await reached(target, service, entry))]
    return bool(clients) and all(
        ingress_allowed(into, servers[name], port, client, spaces[0])
        and egress_allowed(out, client["metadata"].get("labels") or {}, servers[name], port, spaces[1])
        for client in clients
        for name, port in wanted
    )


async def labels_of_namespace(target: Target, name: str) -> Labels:
    """The labels of a namespace."""
    found = await target.get(Entity(kind="Namespace", name=name))
    return dict(found["metadata"].get("labels") or {})


def _guards(spec: Manifest, labels: Labels) -> bool:
    return "Ingress" in spec.get("policyTypes", ("Ingress",)) and selects(spec.get("podSelector"), labels)


def _is_from(peer: Manifest, source: Manifest, space: Labels, *, home: bool) -> bool:
    """A peer that names no namespace is in the policy's own."""
    if not home and "namespaceSelector" not in peer and "ipBlock" not in peer:
        return False
    return is_peer(peer, source, space)
