"""Fault: a report whose queries use a database up."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import CpuBurnt
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import pods_of, start
from aiops.faults.kit.culprits import runs, stop
from aiops.faults.kit.draws import BusyDatabase
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.kit.limits import limit_of
from aiops.faults.parameters import one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_NAMES = ("quarterly-report", "revenue-dashboard", "usage-rollup", "audit-export", "customer-segments")
_SCRIPT = "echo joining all orders of this year; sleep 21600; echo done"


def _culprit(database: Entity, name: str) -> Entity:
    return Entity(kind="Deployment", namespace=database.namespace, name=name)


async def _present(target: Target, before: Before, database: Entity, name: str, percent: int) -> bool:
    return await runs(target, _culprit(database, name)) is not None


async def _other_fix(target: Target, before: Before, database: Entity, name: str, percent: int) -> None:
    """It is stopped for now, and stays there."""
    await stop(target, _culprit(database, name))


@fault(
    Mechanism.DATA_SLOW_QUERY,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "data"}),
)
async def slow_query(
    target: Target,
    database: BusyDatabase,
    name: Annotated[str, one_of(*_NAMES)],
    percent: Annotated[int, whole(130, 220)],
) -> GroundTruth:
    """A report is started whose queries take all of the CPU that a database has."""
    culprit, victim = _culprit(database, name), await target.get(database)
    _, cores = limit_of(victim, "cpu")
    behaviour = CpuBurnt(cores=cores * percent / 100)
    await target.disturb(
        Misbehaviour(pods=pods_with_its_labels(victim), behaviours=(behaviour,), while_running=pods_of(culprit))
    )
    await start(target, culprit, _SCRIPT, {"DATABASE_HOST": database.name})
    return GroundTruth(subject=culprit, mechanism=Mechanism.DATA_SLOW_QUERY)
