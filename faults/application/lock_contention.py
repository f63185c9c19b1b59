"""Fault: a batch job that holds the locks of a database."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import LockHeld
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import pods_of, start
from aiops.faults.kit.culprits import runs, stop
from aiops.faults.kit.draws import BusyDatabase
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.parameters import one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_NAMES = ("backfill-totals", "ledger-reconcile", "archive-old-rows", "retention-sweep", "rekey-customers")
_SCRIPT = "echo rewriting one million rows in one transaction; sleep 21600; echo done"


def _culprit(database: Entity, name: str) -> Entity:
    return Entity(kind="Deployment", namespace=database.namespace, name=name)


async def _present(target: Target, before: Before, database: Entity, name: str, milliseconds: int) -> bool:
    return await runs(target, _culprit(database, name)) is not None


async def _other_fix(target: Target, before: Before, database: Entity, name: str, milliseconds: int) -> None:
    """It is stopped for now, and stays there."""
    await stop(target, _culprit(database, name))


@fault(
    Mechanism.DATA_LOCK_CONTENTION,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "data"}),
)
async def lock_contention(
    target: Target,
    database: BusyDatabase,
    name: Annotated[str, one_of(*_NAMES)],
    milliseconds: Annotated[int, whole(400, 900)],
) -> GroundTruth:
    """A batch job is started that changes everything in long transactions: all others wait for their locks."""
    culprit, victim = _culprit(database, name), await target.get(database)
    behaviour = LockHeld(hold_seconds=milliseconds / 1000, timeout_seconds=2.0)
    await target.disturb(
        Misbehaviour(pods=pods_with_its_labels(victim), behaviours=(behaviour,), while_running=pods_of(culprit))
    )
    await start(target, culprit, _SCRIPT, {"DATABASE_HOST": database.name})
    return GroundTruth(subject=culprit, mechanism=Mechanism.DATA_LOCK_CONTENTION)
