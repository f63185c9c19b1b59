"""Decoy: a longer time to end."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi


@decoy
async def longer_grace(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A Deployment's pods get more time to end, which replaces them one by one."""
    deployment = Entity.of(await some(kube, "Deployment", namespace, rng, avoided))
    seconds = rng.choice((40, 45, 60))
    spec = {"template": {"spec": {"terminationGracePeriodSeconds": seconds}}}
    await kube.patch(deployment, {"spec": spec}, "strategic")
    return deployment
