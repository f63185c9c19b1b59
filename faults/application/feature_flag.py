"""Fault: a flag that turns on code which does not work."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import OperationErrors
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.draws import BusyService
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_ON, _OFF = "true", "false"


async def _present(target: Target, before: Before, deployment: Entity, option: str, percent: int) -> bool:
    return await still_on(target, before, deployment, option, _ON)


async def _other_fix(target: Target, before: Before, deployment: Entity, option: str, percent: int) -> None:
    """The flag is set, to false."""
    await set_variable(target, variable_of(original(before, deployment), option), _OFF)


@fault(
    Mechanism.APP_FEATURE_FLAG,
    entities=("Deployment", "ConfigMap"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "configuration"}),
)
async def feature_flag(
    target: Target,
    deployment: BusyService,
    option: Annotated[
        str,
        one_of(
            "ENABLE_STREAMING_REPLIES",
            "USE_BATCHED_READS",
            "NEW_RANKING",
            "ASYNC_WRITES",
            "ENABLE_DEDUPLICATION",
            "COMPACT_PAYLOADS",
        ),
    ],
    percent: Annotated[int, whole(40, 95)],
) -> GroundTruth:
    """A flag is set that turns on code which fails for a large share of the requests."""
    subject, changed = await turn_on(target, deployment, option, _ON, OperationErrors(percent=percent))
    return GroundTruth(subject=subject, mechanism=Mechanism.APP_FEATURE_FLAG, field=changed)
