"""Workloads that are not part of an application: reports, exports, controllers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiops.core.entity import Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import find

IMAGE = "docker.io/library/python:3.12-slim"
_COMMAND = ["sh", "-c", "while true; do sleep 30; done"]


def batch_deployment(batch: Entity, replicas: int, resources: Mapping[str, Any], **pod_spec: Any) -> Manifest:
    """A Deployment of pods that serve nobody."""
    labels = {"app": batch.name}
    container = {"name": batch.name, "image": IMAGE, "command": _COMMAND, "resources": dict(resources)}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod_spec}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": batch.name, "namespace": batch.namespace, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


async def unused(target: Target, namespace: str, *names: str) -> list[Entity]:
    """Deployments of these names in a namespace, where there are none yet."""
    wanted = [Entity(kind="Deployment", namespace=namespace, name=name) for name in names]
    return [each for each in wanted if await find(target, each) is None]
