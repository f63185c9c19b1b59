"""Workloads that take messages of queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import OperationCost
from aiops.core.entity import Entity
from aiops.core.target import Target
from aiops.faults.kit.busy import entities
from aiops.faults.kit.candidates import deployments_in_use
from aiops.faults.kit.feeling import that_feel
from aiops.faults.parameters import choose


def slower(seconds: float) -> OperationCost:
    """The handling of a message takes so much longer; nothing else does."""
    return OperationCost(operation="CONSUME", wait_seconds=seconds)


async def _consumers(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await that_feel(target, await deployments_in_use(target, namespace), slower(1.0)))


Consumer = Annotated[Entity, choose("a Deployment that takes messages", _consumers, Entity.parse)]
