"""Fault: a database without its indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.behaviour import MissingIndex
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import databases_in_use, entities
from aiops.faults.kit.feeling import that_feel
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_OFF, _ON = "false", "true"


async def _indexed(target: Target, namespace: str) -> Sequence[Entity]:
    return entities(await that_feel(target, await databases_in_use(target, namespace), MissingIndex()))


async def _present(target: Target, before: Before, database: Entity, option: str, factor: int) -> bool:
    return await still_on(target, before, database, option, _OFF)


async def _other_fix(target: Target, before: Before, database: Entity, option: str, factor: int) -> None:
    """Indexes are made, and used, at the start."""
    await set_variable(target, variable_of(original(before, database), option), _ON)


@fault(
    Mechanism.DATA_MISSING_INDEX,
    entities=("Deployment", "StatefulSet", "ConfigMap"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "configuration"}),
)
async def missing_index(
    target: Target,
    database: Annotated[Entity, choose("a database whose queries need an index", _indexed, Entity.parse)],
    option: Annotated[
        str, one_of("BUILD_INDEXES_ON_START", "USE_SECONDARY_INDEXES", "ENABLE_INDEX_SCAN", "AUTO_INDEX")
    ],
    factor: Annotated[int, whole(8, 20)],
) -> GroundTruth:
    """An option of a database leaves its indexes away: every query reads everything."""
    subject, changed = await turn_on(target, database, option, _OFF, MissingIndex(scan_factor=factor))
    return GroundTruth(subject=subject, mechanism=Mechanism.DATA_MISSING_INDEX, field=changed)
