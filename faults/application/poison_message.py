"""Fault: messages that nobody can handle, and that come again."""

from __future__ import annotations

from typing import Annotated

from aiops.core.disturbance.behaviour import PoisonMessages
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.batch import culprit_runs, new_workload, pods_of, start, stop_culprit
from aiops.faults.kit.consumers import Consumer, slower
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.parameters import whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

_NAMES = ("event-replay", "partner-feed", "message-bridge", "history-loader", "event-forwarder")
_SCRIPT = "echo sending what partners delivered; sleep 21600; echo done"


@fault(
    Mechanism.QUEUE_POISON_MESSAGE,
    entities=("Deployment",),
    felt="messages",
    present=culprit_runs,
    other_fix=stop_culprit,
    tags=frozenset({"application", "data", "queue"}),
)
async def poison_message(
    target: Target,
    consumer: Consumer,
    culprit: Annotated[Entity, new_workload(*_NAMES)],
    percent: Annotated[int, whole(40, 80)],
    seconds: Annotated[int, whole(10, 25)],
) -> GroundTruth:
    """A workload sends messages that consumers fail on after some seconds, again and again: the good ones wait."""
    behaviours = (PoisonMessages(percent=percent), slower(percent / 100 * seconds))
    pods = pods_with_its_labels(await target.get(consumer))
    await target.disturb(Misbehaviour(pods=pods, behaviours=behaviours, while_running=pods_of(culprit)))
    await start(target, culprit, _SCRIPT, {"FORMAT": "v2", "BATCH": "500"})
    return GroundTruth(subject=culprit, mechanism=Mechanism.QUEUE_POISON_MESSAGE)
