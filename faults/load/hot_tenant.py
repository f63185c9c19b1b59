"""Fault: one customer who takes what all share."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.load import LoadIncrease
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import culprit_runs, new_workload, pods_of, start, stop_culprit
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

_NAMES = ("acme-import", "globex-sync", "initech-mirror", "umbrella-feed", "hooli-crawler")
_SCRIPT = "echo copying everything, page by page, with 64 connections; sleep 21600; echo done"


@fault(
    Mechanism.LOAD_TENANT,
    entities=("Deployment",),
    felt="requests",
    present=culprit_runs,
    other_fix=stop_culprit,
    tags=frozenset({"load"}),
)
async def hot_tenant(
    target: Target,
    culprit: Annotated[Entity, new_workload(*_NAMES)],
    factor: Annotated[int, whole(6, 12)],
) -> GroundTruth:
    """A workload is started that reads everything for one customer, as fast as it can: the others get no place."""
    await target.disturb(LoadIncrease(factor=factor, while_running=pods_of(culprit)))
    await start(target, culprit, _SCRIPT, {"PARALLEL": "64", "PAUSE": "0s"})
    return GroundTruth(subject=culprit, mechanism=Mechanism.LOAD_TENANT)
