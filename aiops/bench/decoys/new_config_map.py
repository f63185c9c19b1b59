"""Decoy: a ConfigMap that nothing mounts yet."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi


@decoy
async def new_config_map(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A new ConfigMap is created for a release that comes later."""
    name = f"{rng.choice(('release', 'campaign', 'survey'))}-{rng.randint(10, 99)}-config"
    config = Entity(kind="ConfigMap", namespace=namespace, name=name)
    metadata = {"name": name, "namespace": namespace}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"START": "2026-02-01"}}
    if name not in avoided:
        await kube.create(body)
    return config
