"""Decoy: an owner's label on a Deployment."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi


@decoy
async def extra_label(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A Deployment gets a label that says who owns it."""
    deployment = Entity.of(await some(kube, "Deployment", namespace, rng, avoided))
    label = {"owner": rng.choice(("payments", "growth", "core", "platform"))}
    await kube.patch(deployment, {"metadata": {"labels": label}}, "merge")
    return deployment
