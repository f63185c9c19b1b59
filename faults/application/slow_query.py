"""Fault: a report whose queries use a database up."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import CpuBurnt
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import culprit_runs, new_workload, pods_of, start, stop_culprit
from aiops.faults.kit.draws import BusyDatabase
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.kit.limits import limit_of
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

_NAMES = ("quarterly-report", "revenue-dashboard", "usage-rollup", "audit-export", "customer-segments")
_SCRIPT = "echo joining all orders of this year; sleep 21600; echo done"


@fault(
    Mechanism.DATA_SLOW_QUERY,
    entities=("Deployment",),
    felt="requests",
    present=culprit_runs,
    other_fix=stop_culprit,
    tags=frozenset({"application", "data"}),
)
async def slow_query(
    target: Target,
    database: BusyDatabase,
    culprit: Annotated[Entity, new_workload(*_NAMES)],
    percent: Annotated[int, whole(130, 220)],
) -> GroundTruth:
    """A report is started whose queries take all of the CPU that a database has."""
    victim = await target.get(database)
    _, cores = limit_of(victim, "cpu")
    behaviour = CpuBurnt(cores=cores * percent / 100)
    await target.disturb(
        Misbehaviour(pods=pods_with_its_labels(victim), behaviours=(behaviour,), while_running=pods_of(culprit))
    )
    await start(target, culprit, _SCRIPT, {"DATABASE_HOST": database.name})
    return GroundTruth(subject=culprit, mechanism=Mechanism.DATA_SLOW_QUERY)
