"""Workloads that nobody thinks of as part of the application, and that are in its way."""

from __future__ import annotations

from typing import Any

from aiops.core.disturbance import Behaviour
from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.images import repository_of, tag_of
from aiops.faults.kit.places import HOSTNAME, nodes_in_use
from aiops.faults.kit.workloads import containers, find


def batch_deployment(entity: Entity, container: Manifest, replicas: int, **pod: Any) -> Manifest:
    """A Deployment of pods on different nodes that serve nobody."""
    labels = {"app": entity.name, "app.kubernetes.io/name": entity.name, "app.kubernetes.io/component": "batch"}
    apart = {"labelSelector": {"matchLabels": {"app": entity.name}}, "topologyKey": HOSTNAME}
    spec = {
        "containers": [{"name": entity.name, **container}],
        "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [apart]}},
        **pod,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": entity.name, "namespace": entity.namespace, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": entity.name}},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


async def pinned_to(target: Target, node: Entity) -> Manifest:
    """What of a pod lets it run on one node only, whatever its taints."""
    found = await target.get(node)
    tolerations = [
        {key: value for key, value in taint.items() if key != "timeAdded"}
        for taint in found["spec"].get("taints") or ()
    ]
    return {"nodeSelector": {HOSTNAME: str(found["metadata"]["labels"][HOSTNAME])}, "tolerations": tolerations}


IDLE = {
    "image": "docker.io/library/python:3.12-slim",
    "command": ["sh", "-c", "while true; do sleep 30; done"],
}
"""What runs in a container of which only what it asks for, or what it does to others, matters."""


async def unused(target: Target, namespace: str, *names: str) -> list[Entity]:
    """Deployments of these names in a namespace, where there are none yet."""
    wanted = [Entity(kind="Deployment", namespace=namespace, name=name) for name in names]
    return [each for each in wanted if await find(target, each) is None]


async def batch_of(
    target: Target, source: Entity, culprit: Entity, option: str, value: str, asked: Manifest
) -> Manifest:
    """A Deployment of one pod a node in use of the program of another one, with an option and requests of its own."""
    deployment = await target.get(source)
    container = containers(deployment)[0]
    env = [*(container.get("env") or ()), {"name": option, "value": value}]
    batch = {"image": container["image"], "env": env, "resources": {"requests": asked}}
    account = deployment["spec"]["template"]["spec"].get("serviceAccountName", "default")
    nodes = await nodes_in_use(target, source.namespace)
    return batch_deployment(culprit, batch, len(nodes), serviceAccountName=account)


async def release_with(target: Target, source: Entity, option: str, value: str, behaviour: Behaviour) -> None:
    """Let the program of a Deployment, in the version that runs, behave so wherever it is given the option."""
    image = containers(await target.get(source))[0]["image"]
    settings = {option: value}
    version = tag_of(image)
    await target.disturb(
        Release(image=repository_of(image), version=version, behaviours=(behaviour,), settings=settings)
    )


async def least_room(target: Target, namespace: str, resource: str) -> float:
    """What every node in use has left for pods to ask for (cores or bytes). Raises `NotPossibleError` where that is
    nothing."""
    nodes = [await target.get(node) for node in await nodes_in_use(target, namespace)]
    least = min([await room(target, node, resource) for node in nodes], default=0.0)
    if least <= 0:
        raise NotPossibleError(f"the nodes have no {resource} left to ask for")
    return least


async def runs(target: Target, culprit: Entity) -> Manifest | None:
    """The Deployment, where it asks for pods."""
    found = await find(target, culprit)
    return found if found and found["spec"].get("replicas", 1) > 0 else None


async def stop(target: Target, culprit: Entity) -> None:
    """Scale it to nothing."""
    await target.patch(culprit, {"spec": {"replicas": 0}})


async def room(target: Target, node: Manifest, resource: str) -> float:
    """What the pods of a node have not asked for of what it has to give (cores or bytes)."""
    name = node["metadata"]["name"]
    asked = sum(
        parse_quantity(((container.get("resources") or {}).get("requests") or {}).get(resource, "0"))
        for pod in await target.list("Pod", "")
        if pod["spec"].get("nodeName") == name and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        for container in pod["spec"]["containers"]
    )
    return parse_quantity(node["status"]["allocatable"][resource]) - asked
