"""What people asked for in a cluster: the desired state of every object that no controller made."""

from __future__ import annotations

from aiops.clients.kinds import RESOURCES
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired, write
from aiops.lab.kube.kinds.resources import RESOURCES as SERVED
from aiops.lab.world import World

CHURNING = frozenset({"Endpoints", "EndpointSlice", "Event", "Lease", "Node", "Pod", "ReplicaSet"})
"""Kinds that controllers write all the time."""

Snapshot = dict[Entity, Manifest]


def take(world: World) -> Snapshot:
    """The desired state of everything, at this moment."""
    kinds = sorted(each.kind for each in SERVED if each.kind not in CHURNING and "list" in each.verbs)
    scaled = _autoscaled(world)
    found: Snapshot = {}
    for kind in kinds:
        for item in world.cluster.objects(kind):
            if not item["metadata"].get("ownerReferences") and not _is_going(item):
                entity, manifest = _asked_for({**item, "kind": kind}, scaled)
                found[entity] = manifest
    return found


def _asked_for(item: Manifest, scaled: frozenset[Entity]) -> tuple[Entity, Manifest]:
    """An object's desired state. How many pods a workload has is nobody's wish where an autoscaler says it; that it has
    none still is."""
    manifest = desired(item)
    entity = Entity.of(manifest)
    if entity in scaled and manifest["spec"].get("replicas"):
        manifest = write(manifest, "spec.replicas", None)
    return entity, manifest


def _autoscaled(world: World) -> frozenset[Entity]:
    """What HorizontalPodAutoscalers scale."""
    scalers = world.cluster.objects("HorizontalPodAutoscaler")
    targets = [(item["metadata"]["namespace"], item["spec"]["scaleTargetRef"]) for item in scalers]
    return frozenset(Entity(kind=ref["kind"], namespace=place, name=ref["name"]) for place, ref in targets)


def entity_at(path: str) -> Entity | None:
    """The object at a path of the API (`/apis/apps/v1/namespaces/hotel/deployments/geo`); None for other paths."""
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    namespace = ""
    if len(parts) > 2 and parts[0] == "namespaces":
        namespace, parts = parts[1], parts[2:]
    if len(parts) < 2:
        return None
    kind = KIND_OF.get(parts[0])
    return Entity(kind=kind, namespace=namespace, name=parts[1]) if kind else None


KIND_OF = {resource.plural: kind for kind, resource in RESOURCES.items()}
"""Kinds by their name in paths."""


def current(world: World, entity: Entity) -> Manifest | None:
    """The desired state of one object; None where there is none, or will be none once its finalizers are through."""
    found = world.cluster.find(entity.kind, entity.namespace, entity.name)
    if found is None or _is_going(found):
        return None
    return _asked_for({**found, "kind": entity.kind}, _autoscaled(world))[1]


def _is_going(manifest: Manifest) -> bool:
    return "deletionTimestamp" in manifest["metadata"]
