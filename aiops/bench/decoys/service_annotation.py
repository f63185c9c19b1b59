"""Decoy: a note for the scraper on a Service."""

from __future__ import annotations

from random import Random

from aiops.bench.decoys.registry import decoy, some
from aiops.core.entity import Entity
from aiops.core.kubernetes_api import KubernetesApi


@decoy
async def service_annotation(kube: KubernetesApi, namespace: str, rng: Random, avoided: frozenset[str]) -> Entity:
    """A Service gets an annotation that only a scraper reads."""
    service = Entity.of(await some(kube, "Service", namespace, rng, avoided))
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/path": rng.choice(("/metrics", "/stats"))}
    await kube.patch(service, {"metadata": {"annotations": annotations}}, "merge")
    return service
