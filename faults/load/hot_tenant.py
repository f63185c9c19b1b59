"""Fault: one customer who takes what all share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.load import LoadIncrease
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import pods_of, start
from aiops.faults.kit.culprits import runs, stop, unused
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_NAMES = ("acme-import", "globex-sync", "initech-mirror", "umbrella-feed", "hooli-crawler")
_SCRIPT = "echo copying everything, page by page, with 64 connections; sleep 21600; echo done"


async def _new(target: Target, namespace: str) -> Sequence[Entity]:
    """Workloads that copy all data for one customer, where there is somebody whom users reach."""
    reached = await target.list("Ingress", namespace)
    return await unused(target, namespace, *_NAMES) if reached else []


async def _present(target: Target, before: Before, culprit: Entity, factor: int) -> bool:
    return await runs(target, culprit) is not None


async def _other_fix(target: Target, before: Before, culprit: Entity, factor: int) -> None:
    """It is stopped for now, and stays there."""
    await stop(target, culprit)


@fault(
    Mechanism.LOAD_TENANT,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"load"}),
)
async def hot_tenant(
    target: Target,
    culprit: Annotated[Entity, choose("a workload of one customer", _new, Entity.parse)],
    factor: Annotated[int, whole(6, 12)],
) -> GroundTruth:
    """A workload is started that reads everything for one customer, as fast as it can: the others get no place."""
    await target.disturb(LoadIncrease(factor=factor, while_running=pods_of(culprit)))
    await start(target, culprit, _SCRIPT, {"PARALLEL": "64", "PAUSE": "0s"})
    return GroundTruth(subject=culprit, mechanism=Mechanism.LOAD_TENANT)
