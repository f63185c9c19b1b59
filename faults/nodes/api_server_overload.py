"""Fault: a controller asks the API server for more than it can answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.machine import ApiServerOverload
from aiops.core.disturbance.scope import Pods
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.culprits import IDLE, batch_deployment, runs, stop, unused
from aiops.faults.kit.grants import privileged
from aiops.faults.kit.reliance import ENOUGH_RELY, share_of
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_PLACE = "monitoring"
"""The namespace for what looks after the whole cluster."""


async def _controllers(target: Target, namespace: str) -> Sequence[Entity]:
    """Names, where a workload that users' requests need reads from the API."""
    relied = await target.reliance()
    if not any(share_of(str(reader), relied) >= ENOUGH_RELY for reader in await privileged(target, namespace)):
        return []
    names = ("config-sync", "label-exporter", "inventory-watcher", "cost-collector", "pod-annotator", "policy-reporter")
    return await unused(target, _PLACE, *names)


async def _present(target: Target, before: Before, controller: Entity, percent: int) -> bool:
    return await runs(target, controller) is not None


async def _other_fix(target: Target, before: Before, controller: Entity, percent: int) -> None:
    """The controller is stopped; it stays installed."""
    await stop(target, controller)


@fault(
    Mechanism.NODE_API_SERVER,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes"}),
)
async def api_server_overload(
    target: Target,
    controller: Annotated[Entity, choose("a name for a controller", _controllers, Entity.parse)],
    percent: Annotated[int, whole(80, 90)],
) -> GroundTruth:
    """A new controller lists everything all the time: the API server tells others, who need it, to come again later."""
    pods = Pods(namespace=controller.namespace, labels={"app": controller.name})
    await target.disturb(ApiServerOverload(percent=percent, while_running=pods))
    resources = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}
    await target.create(batch_deployment(controller, {**IDLE, "resources": resources}, 2))
    return GroundTruth(subject=controller, mechanism=Mechanism.NODE_API_SERVER)
