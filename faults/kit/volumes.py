"""Claims and volumes: who uses them, which can be had."""

from __future__ import annotations

from typing import Any

from aiops.core.disturbance import Pods
from aiops.core.disturbance.scope import OnPods
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.places import claims_of, is_ready
from aiops.faults.kit.workloads import containers, find, for_pods
from aiops.faults.registry import Before, PresentFunction


def mounting(deployment: Manifest, claim: str, path: str) -> Manifest:
    """A strategic merge patch that mounts a claim into the first container of a Deployment's pods."""
    volume = path.strip("/").replace("/", "-")
    return for_pods(
        volumes=[{"name": volume, "persistentVolumeClaim": {"claimName": claim}}],
        containers=[{"name": containers(deployment)[0]["name"], "volumeMounts": [{"name": volume, "mountPath": path}]}],
    )


def claim(
    namespace: str, name: str, size: str, storage_class: str | None, modes: tuple[str, ...] = ("ReadWriteOnce",)
) -> Manifest:
    """A PersistentVolumeClaim; an empty class is that of volumes which somebody makes by hand."""
    spec: dict[str, Any] = {"accessModes": list(modes), "resources": {"requests": {"storage": size}}}
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def volume(name: str, size: str, storage_class: str, modes: tuple[str, ...] = ("ReadWriteOnce",)) -> Manifest:
    """A PersistentVolume on a shared file server, for any node."""
    spec = {
        "capacity": {"storage": size},
        "accessModes": list(modes),
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": storage_class,
        "nfs": {"server": "nfs.example.com", "path": f"/exports/{name}"},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}


def disk_disturbed_by(kind: str) -> PresentFunction:
    """Whether a disturbance of a kind lies on pods of the namespace of a fault's claim."""

    async def present(target: Target, before: Before, claim: Entity, **_: object) -> bool:
        standing = (each.disturbance for each in (await target.disturbances()).values())
        return any(
            isinstance(each, OnPods) and each.kind == kind and each.pods.namespace == claim.namespace
            for each in standing
        )

    return present


async def pod_of(target: Target, claim: Entity) -> Pods:
    """The pod that mounts a claim. Raises `NotPossibleError` where none does."""
    user = await user_of(target, claim)
    if user is None:
        raise NotPossibleError(f"{claim}: no pod mounts it")
    return Pods(namespace=claim.namespace, names=(user["metadata"]["name"],))


async def claims_met(target: Target, deployment: Entity) -> bool:
    """Whether every claim that a Deployment's pods name is there, and bound or about to be: a volume fits it, or its
    class provisions one. A Deployment that is not there has no claims that are met."""
    manifest = await find(target, deployment)
    if manifest is None:
        return False
    names = claims_of(manifest["spec"]["template"])
    return all([await _met(target, deployment.namespace, name) for name in names])


async def _met(target: Target, namespace: str, name: str) -> bool:
    found = await find(target, Entity(kind="PersistentVolumeClaim", namespace=namespace, name=name))
    if found is None:
        return False
    if (found.get("status") or {}).get("phase") == "Bound":
        return True
    wanted = found["spec"].get("storageClassName") or ""
    if wanted and await find(target, Entity(kind="StorageClass", namespace="", name=wanted)) is not None:
        return True
    return any(_fits(each, found) for each in await target.list("PersistentVolume", ""))


def _fits(candidate: Manifest, wanted: Manifest) -> bool:
    """Whether a free volume is large enough, of the class, and may be mounted as a claim asks."""
    spec = candidate["spec"]
    size = parse_quantity(wanted["spec"]["resources"]["requests"]["storage"])
    return (
        not spec.get("claimRef")
        and (spec.get("storageClassName") or "") == (wanted["spec"].get("storageClassName") or "")
        and parse_quantity(spec["capacity"]["storage"]) >= size
        and set(wanted["spec"]["accessModes"]) <= set(spec["accessModes"])
    )


async def classes(target: Target) -> list[str]:
    """The StorageClasses, by name."""
    return sorted(str(item["metadata"]["name"]) for item in await target.list("StorageClass", ""))


async def claims_in_use(target: Target, namespace: str) -> list[Entity]:
    """The claims of ready pods of StatefulSets in a namespace; where it has none, in all namespaces, by name."""
    found = [
        Entity(kind="PersistentVolumeClaim", namespace=pod["metadata"]["namespace"], name=name)
        for pod in await target.list("Pod", "")
        if is_ready(pod)
        and any(owner["kind"] == "StatefulSet" for owner in pod["metadata"].get("ownerReferences") or ())
        for name in claims_of(pod)
    ]
    own = [each for each in found if each.namespace == namespace]
    return sorted(own or found, key=str)


async def user_of(target: Target, held: Entity) -> Manifest | None:
    """The first pod that mounts a claim, or None."""
    for pod in await target.list("Pod", held.namespace):
        if held.name in claims_of(pod):
            return pod
    return None
