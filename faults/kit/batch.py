"""Batch jobs that do harm while they run."""

from __future__ import annotations

from aiops.core.disturbance import Pods
from aiops.core.entity import Entity
from aiops.core.target import Target
from aiops.faults.kit.culprits import IDLE, batch_deployment, runs, stop, unused
from aiops.faults.parameters import Choose, choose
from aiops.faults.registry import Before


def new_workload(*names: str) -> Choose:
    """Draw a workload of one of these names, which is not there yet, where users are let in."""

    async def candidates(target: Target, namespace: str) -> list[Entity]:
        return await unused(target, namespace, *names) if await target.list("Ingress", namespace) else []

    return choose("a batch workload that is not there yet", candidates, Entity.parse)


async def culprit_runs(target: Target, before: Before, culprit: Entity, **_: object) -> bool:
    """Whether it still asks for pods."""
    del before
    return await runs(target, culprit) is not None


async def stop_culprit(target: Target, before: Before, culprit: Entity, **_: object) -> None:
    """It is stopped for now, and stays there."""
    del before
    await stop(target, culprit)


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
