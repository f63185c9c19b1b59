"""Fault: clients that all come at once."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.load import LoadInStep
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import culprit_runs, new_workload, pods_of, start, stop_culprit
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

_NAMES = ("push-digest", "offer-notifier", "price-alerts", "refresh-signal", "newsletter-sender")
_SCRIPT = "echo telling all devices every two minutes; sleep 21600; echo done"

_PERIOD, _SECONDS = 120.0, 15.0
"""How often all clients are told to come, and within how many seconds they do."""


@fault(
    Mechanism.LOAD_SYNCHRONISED,
    entities=("Deployment",),
    felt="requests",
    present=culprit_runs,
    other_fix=stop_culprit,
    tags=frozenset({"load"}),
)
async def thundering_herd(
    target: Target,
    culprit: Annotated[Entity, new_workload(*_NAMES)],
    factor: Annotated[int, whole(6, 8)],
) -> GroundTruth:
    """A workload is started that tells all clients to come at once: most load of two minutes comes within seconds."""
    await target.disturb(
        LoadInStep(factor=factor, seconds=_SECONDS, period_seconds=_PERIOD, while_running=pods_of(culprit))
    )
    await start(target, culprit, _SCRIPT, {"AUDIENCE": "all", "INTERVAL": "120s"})
    return GroundTruth(subject=culprit, mechanism=Mechanism.LOAD_SYNCHRONISED)
