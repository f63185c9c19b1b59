"""Fault: a batch job that holds the locks of a database."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import LockHeld
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import culprit_runs, new_workload, pods_of, start, stop_culprit
from aiops.faults.kit.draws import BusyDatabase
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

_NAMES = ("backfill-totals", "ledger-reconcile", "archive-old-rows", "retention-sweep", "rekey-customers")
_SCRIPT = "echo rewriting one million rows in one transaction; sleep 21600; echo done"


@fault(
    Mechanism.DATA_LOCK_CONTENTION,
    entities=("Deployment",),
    felt="requests",
    present=culprit_runs,
    other_fix=stop_culprit,
    tags=frozenset({"application", "data"}),
)
async def lock_contention(
    target: Target,
    database: BusyDatabase,
    culprit: Annotated[Entity, new_workload(*_NAMES)],
    milliseconds: Annotated[int, whole(400, 900)],
) -> GroundTruth:
    """A batch job is started that changes everything in long transactions: all others wait for their locks."""
    victim = await target.get(database)
    behaviour = LockHeld(hold_seconds=milliseconds / 1000, timeout_seconds=2.0)
    await target.disturb(
        Misbehaviour(pods=pods_with_its_labels(victim), behaviours=(behaviour,), while_running=pods_of(culprit))
    )
    await start(target, culprit, _SCRIPT, {"DATABASE_HOST": database.name})
    return GroundTruth(subject=culprit, mechanism=Mechanism.DATA_LOCK_CONTENTION)
