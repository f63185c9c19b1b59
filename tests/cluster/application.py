"""The lab's sample application on a real cluster: what people wrote there, and nothing that controllers make of it."""

from __future__ import annotations

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.world import World

NAMESPACE = "hotel"
MADE_BY_CONTROLLERS = frozenset(
    {"ControllerRevision", "Endpoints", "EndpointSlice", "Event", "Lease", "Pod", "ReplicaSet"}
)
IN_EVERY_NAMESPACE = (("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt"))
_CLAIMS = ("controller-uid", "job-name")
CHANGED = (
    "ConfigMap",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "NetworkPolicy",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
)
"""Kinds that tools and faults change."""


def written(world: World) -> list[Manifest]:
    """The namespace's objects, as somebody would apply them."""
    objects = [
        {**item, "kind": kind}
        for kind in sorted({each.kind for each in RESOURCES} - MADE_BY_CONTROLLERS)
        for item in world.cluster.objects(kind, NAMESPACE)
    ]
    return [_unclaimed(desired(item)) for item in objects if not _is_made(item)]


def _unclaimed(item: Manifest) -> Manifest:
    """A Job without the selector and the labels that the API server gave it by its uid."""
    if item["kind"] != "Job":
        return item
    spec = {key: value for key, value in item["spec"].items() if key != "selector"}
    meta = spec["template"].get("metadata") or {}
    labels = {key: value for key, value in (meta.get("labels") or {}).items() if not key.endswith(_CLAIMS)}
    spec["template"] = {**spec["template"], "metadata": {**meta, "labels": labels}}
    return {**item, "spec": spec}


def _is_made(item: Manifest) -> bool:
    return "ownerReferences" in item["metadata"] or (item["kind"], item["metadata"]["name"]) in IN_EVERY_NAMESPACE


async def asked_for(kube: KubernetesClient) -> dict[str, Manifest]:
    """The desired state of everything in the namespace that tools and faults change, by its name."""
    items = [{**item, "kind": kind} for kind in CHANGED for item in await kube.list(kind, NAMESPACE)]
    return {str(Entity.of(item)): desired(item) for item in items}


def changed(before: dict[str, Manifest], after: dict[str, Manifest]) -> set[str]:
    """The names of the objects that differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
