"""Fault: clients that all come at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.load import LoadInStep
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import pods_of, start
from aiops.faults.kit.culprits import runs, stop, unused
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_NAMES = ("push-digest", "offer-notifier", "price-alerts", "refresh-signal", "newsletter-sender")
_SCRIPT = "echo telling all devices every minute; sleep 21600; echo done"

_PERIOD, _SECONDS = 60.0, 10.0
"""How often all clients are told to come, and within how many seconds they do."""


async def _new(target: Target, namespace: str) -> Sequence[Entity]:
    """Workloads that tell all devices that there is news, where there is somebody whom users reach."""
    reached = await target.list("Ingress", namespace)
    return await unused(target, namespace, *_NAMES) if reached else []


async def _present(target: Target, before: Before, culprit: Entity, factor: int) -> bool:
    return await runs(target, culprit) is not None


async def _other_fix(target: Target, before: Before, culprit: Entity, factor: int) -> None:
    """It is stopped for now, and stays there."""
    await stop(target, culprit)


@fault(
    Mechanism.LOAD_SYNCHRONISED,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"load"}),
)
async def thundering_herd(
    target: Target,
    culprit: Annotated[Entity, choose("a workload that tells clients to come", _new, Entity.parse)],
    factor: Annotated[int, whole(4, 6)],
) -> GroundTruth:
    """A workload is started that tells all clients to come at once: most load of a minute comes within seconds."""
    await target.disturb(
        LoadInStep(factor=factor, seconds=_SECONDS, period_seconds=_PERIOD, while_running=pods_of(culprit))
    )
    await start(target, culprit, _SCRIPT, {"AUDIENCE": "all", "INTERVAL": "60s"})
    return GroundTruth(subject=culprit, mechanism=Mechanism.LOAD_SYNCHRONISED)
