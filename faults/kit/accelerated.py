"""Accelerators: who uses them, and who offers them."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.places import is_ready, node_entity
from aiops.faults.kit.workloads import containers, pods_of

ACCELERATOR = "nvidia.com/gpu"
"""The extended resource that NVIDIA's device plugin offers."""


def asks_for(pod_spec: Manifest) -> int:
    """How many accelerators a pod gets."""
    limits = [(each.get("resources") or {}).get("limits") or {} for each in pod_spec["containers"]]
    return sum(int(each.get(ACCELERATOR, 0)) for each in limits)


async def nodes_that_serve(target: Target, namespace: str) -> list[Entity]:
    """The nodes on which ready pods of a namespace use accelerators, by name."""
    pods = [pod for pod in await target.list("Pod", namespace) if is_ready(pod) and asks_for(pod["spec"])]
    return [node_entity(name) for name in sorted({str(pod["spec"]["nodeName"]) for pod in pods})]


async def accelerated(target: Target, namespace: str) -> list[Entity]:
    """Deployments in use whose pods get accelerators, by name."""
    found = await serving(target, "Deployment", namespace)
    return [each for each in found if asks_for((await target.get(each))["spec"]["template"]["spec"])]


async def nodes_of_single_pods(target: Target, namespace: str) -> list[Entity]:
    """The nodes of accelerated pods whose Deployment has no other pod, by name."""
    manifests = [await target.get(each) for each in await accelerated(target, namespace)]
    single = [pods[0] for each in manifests if len(pods := await pods_of(target, each)) == 1]
    return [node_entity(name) for name in sorted({str(pod["spec"]["nodeName"]) for pod in single})]


def first_accelerated(deployment: Manifest) -> Manifest:
    """The container of a Deployment that gets accelerators."""
    return next(each for each in containers(deployment) if asks_for({"containers": [each]}))
