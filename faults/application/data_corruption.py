"""Fault: a database that holds wrong data."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import WrongAnswers
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import BusyDatabase
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.kit.standing import lasts
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


def _wrong(database: Manifest, percent: int) -> Misbehaviour:
    return Misbehaviour(pods=pods_with_its_labels(database), behaviours=(WrongAnswers(percent=percent),))


async def _present(target: Target, before: Before, database: Entity, percent: int) -> bool:
    return await lasts(target, _wrong(original(before, database), percent))


@fault(
    Mechanism.DATA_CORRUPTION,
    entities=("Deployment", "StatefulSet"),
    felt="answers",
    present=_present,
    other_fix=None,
    cure="escalate",
    tags=frozenset({"application", "data"}),
)
async def data_corruption(
    target: Target, database: BusyDatabase, percent: Annotated[int, whole(55, 95)]
) -> GroundTruth:
    """Much of what a database holds is wrong: it answers in time, without an error, and only a person can mend it."""
    await target.disturb(_wrong(await target.get(database), percent))
    return GroundTruth(subject=database, mechanism=Mechanism.DATA_CORRUPTION)
