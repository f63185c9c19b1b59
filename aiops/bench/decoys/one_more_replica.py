"""Decoy: a Deployment is scaled up."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi


@decoy
async def one_more_replica(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A Deployment gets one more replica."""
    found = await some(kube, "Deployment", namespace, rng, avoided)
    deployment = Entity.of(found)
    await kube.patch(deployment, {"spec": {"replicas": found["spec"].get("replicas", 1) + 1}}, "merge")
    return deployment
