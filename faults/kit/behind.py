"""The workloads behind Services."""

from __future__ import annotations

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import template_labels


async def servers(target: Target, namespace: str) -> list[Manifest]:
    """The Deployments and StatefulSets of a namespace."""
    return [item for kind in ("Deployment", "StatefulSet") for item in await target.list(kind, namespace)]


async def behind(target: Target, service: Entity) -> list[Manifest]:
    """The Deployments and StatefulSets whose pods a Service selects."""
    selector = (await target.get(service))["spec"].get("selector") or {}
    everybody = await servers(target, service.namespace)
    return [item for item in everybody if selector and selector.items() <= template_labels(item).items()]
