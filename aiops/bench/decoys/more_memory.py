"""Decoy: a Deployment may use more memory."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.fields import read
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.quantity import memory, parse_quantity


@decoy
async def more_memory(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """The memory limit of a Deployment rises by a quarter or a half, which restarts its pods one by one."""
    found = await some(kube, "Deployment", namespace, rng, avoided)
    deployment, container = Entity.of(found), found["spec"]["template"]["spec"]["containers"][0]
    size = parse_quantity(read(container, "resources.limits.memory") or "256Mi") * rng.choice((1.25, 1.5))
    resources = {"limits": {"memory": memory(size)}}
    containers = [{"name": container["name"], "resources": resources}]
    await kube.patch(deployment, {"spec": {"template": {"spec": {"containers": containers}}}}, "strategic")
    return deployment
