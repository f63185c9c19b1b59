"""Autoscalers, and how busy what they scale is."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target


async def busy_autoscalers(target: Target, namespace: str) -> list[Entity]:
    """Autoscalers of workloads that run several pods, by name."""
    found = await target.list("HorizontalPodAutoscaler", namespace)
    return sorted((Entity.of(each) for each in found if (each["status"].get("currentReplicas") or 0) > 1), key=str)


def scaled_by(autoscaler: Manifest) -> Entity:
    """The workload that an autoscaler scales."""
    reference = autoscaler["spec"]["scaleTargetRef"]
    namespace = autoscaler["metadata"]["namespace"]
    return Entity(kind=reference["kind"], namespace=namespace, name=reference["name"])
