"""Batch jobs that do harm while they run."""

from __future__ import annotations

from aiops.core.disturbance import Pods
from aiops.core.entity import Entity
from aiops.core.target import Target
from aiops.faults.kit.culprits import IDLE, batch_deployment


def pods_of(culprit: Entity) -> Pods:
    """The pods that it has, whenever it has any."""
    return Pods(namespace=culprit.namespace, labels={"app": culprit.name})


async def start(target: Target, culprit: Entity, script: str, env: dict[str, str]) -> None:
    """Create a Deployment of one pod that runs a shell script for hours."""
    container = {
        "image": IDLE["image"],
        "command": ["sh", "-c", script],
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}},
    }
    await target.create(batch_deployment(culprit, container, 1))
