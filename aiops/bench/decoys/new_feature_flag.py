"""Decoy: a key in a ConfigMap that nobody reads yet."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi


@decoy
async def new_feature_flag(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A ConfigMap gets a key that no process reads yet."""
    config = Entity.of(await some(kube, "ConfigMap", namespace, rng, avoided))
    key = rng.choice(("ENABLE_BETA_BANNER", "EXPERIMENT_BUCKETS", "SHOW_SURVEY", "NEW_FOOTER"))
    await kube.patch(config, {"data": {key: rng.choice(("true", "false", "10"))}}, "merge")
    return config
