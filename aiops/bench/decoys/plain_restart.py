"""Decoy: a rollout restart."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi
from aiops.core.wellknown import RESTARTED_AT


@decoy
async def plain_restart(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A Deployment is restarted, as `kubectl rollout restart` does it."""
    deployment = Entity.of(await some(kube, "Deployment", namespace, rng, avoided))
    moment = f"2026-01-05T09:{rng.randint(10, 59)}:00Z"
    annotations = {RESTARTED_AT: moment}
    await kube.patch(deployment, {"spec": {"template": {"metadata": {"annotations": annotations}}}}, "strategic")
    return deployment
