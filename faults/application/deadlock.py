"""Fault: processes that wait for each other and answer some requests no more."""

from __future__ import annotations

from aiops.core.disturbance.behaviour import Hang
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.feeling import pods_with_its_labels
from aiops.faults.kit.operations import Operations, SomeOperations
from aiops.faults.kit.standing import lasts
from aiops.faults.kit.workloads import original, pods_of, restart
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


def _stuck(deployment: Manifest, operations: Operations) -> Misbehaviour:
    hang = Hang(operation=operations.method)
    return Misbehaviour(pods=pods_with_its_labels(deployment), behaviours=(hang,), until_restart=True)


async def _present(target: Target, before: Before, operations: Operations) -> bool:
    """Whether any process of those that got stuck still runs, in a pod that is not on its way out."""
    deployment = original(before, operations.deployment)
    left = {pod["metadata"]["name"] for pod in await pods_of(target, deployment)}
    stuck = {entity.name for entity in before if entity.kind == "Pod"}
    return bool(left & stuck) and await lasts(target, _stuck(deployment, operations))


async def _other_fix(target: Target, before: Before, operations: Operations) -> None:
    """Its pods are deleted, and no others."""
    await restart(target, original(before, operations.deployment))


@fault(
    Mechanism.APP_DEADLOCK,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    cure="restart",
    tags=frozenset({"application"}),
)
async def deadlock(target: Target, operations: SomeOperations) -> GroundTruth:
    """The threads behind one method of a Deployment wait for each other: its requests hang until it is restarted."""
    deployment = await target.get(operations.deployment)
    for pod in await pods_of(target, deployment):
        await target.get(Entity.of({**pod, "kind": "Pod"}))
    await target.disturb(_stuck(deployment, operations))
    return GroundTruth(subject=operations.deployment, mechanism=Mechanism.APP_DEADLOCK)
