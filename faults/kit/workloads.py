"""What faults read of workloads and their pods, and how a person restarts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotFoundError, NotPossibleError
from aiops.core.target import Target

Labels = dict[str, str]


def containers(deployment: Manifest) -> list[Manifest]:
    """The containers of a Deployment's pods."""
    found: list[Manifest] = deployment["spec"]["template"]["spec"]["containers"]
    return found


def container_named(deployment: Manifest, name: str) -> Manifest | None:
    """The container of this name of a Deployment, or None."""
    return container_in(deployment["spec"]["template"]["spec"], name)


def container_in(pod_spec: Manifest, name: str) -> Manifest | None:
    """The container of this name of a pod, or None."""
    return next((container for container in pod_spec["containers"] if container["name"] == name), None)


def for_container(name: str, **changes: Any) -> Manifest:
    """A strategic merge patch of one container of a Deployment."""
    return for_pods(containers=[{"name": name, **changes}])


def for_pods(**changes: Any) -> Manifest:
    """A strategic merge patch of a Deployment's pod spec."""
    return {"spec": {"template": {"spec": changes}}}


def template_labels(deployment: Manifest) -> Labels:
    """The labels that a Deployment gives to its pods."""
    return dict(deployment["spec"]["template"]["metadata"].get("labels") or {})


def original(before: Mapping[Entity, Manifest | None], entity: Entity) -> Manifest:
    """An object as it was before the fault. Raises `NotPossibleError` where it was not there."""
    found = before.get(entity)
    if found is None:
        raise NotPossibleError(f"{entity} was not there before")
    return found


async def find(target: Target, entity: Entity) -> Manifest | None:
    """The object, or None where there is none."""
    try:
        return await target.get(entity)
    except NotFoundError:
        return None


async def pods_with(target: Target, namespace: str, labels: Labels) -> list[Manifest]:
    """The pods that carry all of these labels and are not on their way out, by name. No labels select no pods."""
    found = [
        pod
        for pod in await target.list("Pod", namespace)
        if labels
        and labels.items() <= (pod["metadata"].get("labels") or {}).items()
        and not pod["metadata"].get("deletionTimestamp")
    ]
    return sorted(found, key=lambda pod: str(pod["metadata"]["name"]))


async def pods_of(target: Target, deployment: Manifest) -> list[Manifest]:
    """The pods of a Deployment, by its selector."""
    namespace = deployment["metadata"]["namespace"]
    return await pods_with(target, namespace, deployment["spec"]["selector"].get("matchLabels") or {})


async def restart(target: Target, deployment: Manifest) -> None:
    """Delete a Deployment's pods: what replaces them reads its configuration anew."""
    for pod in await pods_of(target, deployment):
        await target.delete(Entity(kind="Pod", namespace=pod["metadata"]["namespace"], name=pod["metadata"]["name"]))
