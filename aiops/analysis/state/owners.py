"""Who made an object, as its owner references tell."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.wellknown import POD_TEMPLATE_HASH


def controller(item: Manifest) -> tuple[str, str] | None:
    """(kind, name) of the object that controls this one."""
    for owner in item["metadata"].get("ownerReferences", []):
        if owner.get("controller"):
            return owner["kind"], owner["name"]
    return None


def workload_of(pod: Manifest) -> Entity | None:
    """What controls a pod; of a ReplicaSet that a Deployment made and named with its hash, the Deployment."""
    owner, meta = controller(pod), pod["metadata"]
    if owner is None:
        return None
    kind, name = owner
    template = meta.get("labels", {}).get(POD_TEMPLATE_HASH, "")
    if kind == "ReplicaSet" and template and name.endswith(f"-{template}"):
        kind, name = "Deployment", name.removesuffix(f"-{template}")
    return Entity(kind=kind, namespace=meta.get("namespace", ""), name=name)
