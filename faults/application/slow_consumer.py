"""Fault: consumers that take their time."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.consumers import Consumer, slower
from aiops.faults.kit.options import set_variable, still_on, turn_on, variable_of
from aiops.faults.kit.workloads import original
from aiops.faults.parameters import one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, option: str, seconds: int) -> bool:
    return await still_on(target, before, deployment, option, f"{seconds}s")


async def _other_fix(target: Target, before: Before, deployment: Entity, option: str, seconds: int) -> None:
    """No time between two messages."""
    await set_variable(target, variable_of(original(before, deployment), option), "0s")


@fault(
    Mechanism.QUEUE_CONSUMER_LAG,
    entities=("Deployment", "ConfigMap"),
    felt="messages",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"application", "configuration", "queue"}),
)
async def slow_consumer(
    target: Target,
    deployment: Consumer,
    option: Annotated[str, one_of("POLL_INTERVAL", "CONSUMER_PAUSE", "BATCH_WINDOW", "RATE_WINDOW", "HANDLE_EVERY")],
    seconds: Annotated[int, whole(12, 30)],
) -> GroundTruth:
    """An option lets consumers wait after each message: messages come faster than they are taken, and pile up."""
    subject, changed = await turn_on(target, deployment, option, f"{seconds}s", slower(seconds))
    return GroundTruth(subject=subject, mechanism=Mechanism.QUEUE_CONSUMER_LAG, field=changed)
