"""NetworkPolicies that guard a workload: who calls it may, on the port on which it listens. And what is left to fix."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.target import Target
from aiops.faults.kit.candidates import calls_here
from aiops.faults.kit.ingress import may_call
from aiops.faults.kit.service_ports import sends_to
from aiops.faults.kit.workloads import template_labels
from aiops.faults.registry import Before

SPACE = "kubernetes.io/metadata.name"
"""The label that every namespace has: its name."""

NAMES = ("clients", "ingress", "allow-clients", "inbound")
"""How people end the name of such a policy."""


def named(service: Entity, suffix: str) -> Entity:
    """The policy of a Service's pods."""
    return Entity(kind="NetworkPolicy", namespace=service.namespace, name=f"{service.name}-{suffix}")


def policy(entity: Entity, selector: dict[str, str], **rules: list[dict[str, Any]]) -> Manifest:
    """A NetworkPolicy for the pods with these labels, in the directions for which there are rules."""
    spec: Manifest = {"podSelector": {"matchLabels": dict(selector)} if selector else {}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": entity.name, "namespace": entity.namespace, "labels": dict(selector)},
        "spec": {**spec, "policyTypes": [direction.capitalize() for direction in rules], **rules},
    }


async def guard(target: Target, service: Entity, suffix: str) -> Manifest:
    """A policy that lets the callers of a Service, and nobody else, connect to its pods.

    Raises `NotPossibleError` where another one lets connections in already, to which one more only adds, or where the
    pods don't agree on a port."""
    manifest = await target.get(service)
    selector = dict(manifest["spec"]["selector"])
    for found in await target.list("NetworkPolicy", service.namespace):
        wanted = (found["spec"].get("podSelector") or {}).get("matchLabels") or {}
        if "Ingress" in found["spec"].get("policyTypes", ()) and wanted.items() <= selector.items():
            raise NotPossibleError(f"{service}: a policy guards its pods already; another one only adds to it")
    ports = sorted(await sends_to(target, manifest, manifest["spec"]["ports"][0]))
    if len(ports) != 1:
        raise NotPossibleError(f"{service}: its pods do not agree on one port")
    callers = [call.source for call in await calls_here(target, service.namespace) if call.target == service]
    peers = [{"podSelector": {"matchLabels": _own(await target.get(caller))}} for caller in callers]
    rule = {"from": peers, "ports": [{"port": ports[0], "protocol": "TCP"}]}
    return policy(named(service, suffix), selector, ingress=[rule])


async def shut_out(target: Target, before: Before, service: Entity, **_: object) -> bool:
    """Whether any of those who called a Service may not connect to its pods."""
    callers = [entity for entity in before if entity.kind == "Deployment"]
    return not all([await may_call(target, Edge(source=caller, target=service)) for caller in callers])


async def open_in_place(target: Target, before: Before, service: Entity, suffix: str, **_: object) -> None:
    """Let the callers in by a further rule of the policy that shuts them out."""
    entity = named(service, suffix)
    manifest = await target.get(service)
    port = min(await sends_to(target, manifest, manifest["spec"]["ports"][0]))
    rule = {"from": [{"podSelector": {}}], "ports": [{"port": port, "protocol": "TCP"}]}
    await target.patch(entity, [{"op": "add", "path": "/spec/ingress/-", "value": rule}], "json")


def _own(deployment: Manifest) -> dict[str, str]:
    """The label by which a Deployment's pods are chosen."""
    chosen: dict[str, str] = deployment["spec"]["selector"].get("matchLabels") or template_labels(deployment)
    return dict(chosen)
