"""The lab's sample application on a real cluster: what people wrote there, and nothing that controllers make of it."""

from __future__ import annotations

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.world import World
from aiops.tools.set_node import CLUSTERS_OWN
from tests.support.restored import furniture

NAMESPACE = "hotel"
MADE_BY_CONTROLLERS = frozenset(
    {"ControllerRevision", "Endpoints", "EndpointSlice", "Event", "Lease", "Pod", "ReplicaSet"}
)
IN_EVERY_NAMESPACE = (("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt"))
_CLAIMS = ("controller-uid", "job-name")
CHANGED = (
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "LimitRange",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
)
"""Kinds that tools and faults change."""

NODES = ("Node//node-1", "Node//node-2")
"""Nodes that tools change. A cluster that was given has others."""

TAINT = "team=data:PreferNoSchedule"
"""What the second of them has for a tool to take away."""


def written(world: World) -> list[Manifest]:
    """The namespace's objects, as somebody would apply them."""
    objects = [
        {**item, "kind": kind}
        for kind in sorted({each.kind for each in RESOURCES} - MADE_BY_CONTROLLERS)
        for item in world.cluster.objects(kind, NAMESPACE)
    ]
    return [_unclaimed(desired(item)) for item in objects if not _is_made(item)]


def of_no_namespace() -> list[Manifest]:
    """The objects beside it that belong to no namespace."""
    return [item for item in furniture() if "namespace" not in item["metadata"]]


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
    """The desired state, by its name, of everything that tools and faults change: in the namespace, and beside it what
    is there for them."""
    wide = {*NODES, *(str(Entity.of(item)) for item in of_no_namespace())}
    items = [{**item, "kind": kind} for kind in CHANGED for item in await kube.list(kind, NAMESPACE)]
    items = [item for item in items if not _is_made(item)]
    for kind in sorted({Entity.parse(name).kind for name in wide}):
        around = [{**item, "kind": kind} for item in await kube.list(kind, "")]
        items += [item for item in around if str(Entity.of(item)) in wide]
    return {str(Entity.of(item)): asked(item) for item in items}


def asked(item: Manifest) -> Manifest:
    """The desired state of an object; of a node without the taints that controllers put on it and take off."""
    found = desired(item)
    if item["kind"] != "Node":
        return found
    spec = {key: value for key, value in found["spec"].items() if key != "taints"}
    taints = [taint for taint in found["spec"].get("taints") or () if not taint["key"].startswith(CLUSTERS_OWN)]
    return {**found, "spec": {**spec, "taints": taints}}


def changed(before: dict[str, Manifest], after: dict[str, Manifest]) -> set[str]:
    """The names of the objects that differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
