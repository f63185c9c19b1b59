"""Arguments that many faults draw alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.target import Target
from aiops.faults.kit.busy import databases_in_use, entities, services_in_use
from aiops.faults.parameters import choose, one_of


async def _services(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await services_in_use(target, namespace))


async def _databases(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await databases_in_use(target, namespace))


BusyService = Annotated[Entity, choose("a Deployment that serves requests", _services, Entity.parse)]
BusyDatabase = Annotated[Entity, choose("a workload that is a database in use", _databases, Entity.parse)]
Bump = Annotated[str, one_of("patch", "minor")]
"""Which number of a version rises."""
