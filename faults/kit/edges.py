"""What happens below the Kubernetes API to the packets of a call or to a workload, and whether it still does."""

from __future__ import annotations

from aiops.core.disturbance import Pods
from aiops.core.disturbance.network import Packets
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Edge, Entity
from aiops.core.target import Target
from aiops.faults.registry import Before


async def both_ends(target: Target, call: Edge) -> tuple[Pods, Pods]:
    """The pods of a call's Deployment, and those that its Service selects."""
    selector = (await target.get(call.target))["spec"]["selector"]
    return await pods_chosen(target, call.source), Pods(namespace=call.target.namespace, labels=selector)


async def is_disturbed(target: Target, before: Before, call: Edge, **_: object) -> bool:
    """Whether anything happens to the packets of a call: only somebody who looks after the network can end it."""
    ends = await both_ends(target, call)
    standing = (each.disturbance for each in (await target.disturbances()).values())
    return any(isinstance(each, Packets) and (each.pods, each.peers) == ends for each in standing)


async def is_misbehaving(target: Target, before: Before, store: Entity, **_: object) -> bool:
    """Whether a store does what only somebody who looks after it can end."""
    pods = await pods_chosen(target, store)
    standing = (each.disturbance for each in (await target.disturbances()).values())
    return any(isinstance(each, Misbehaviour) and each.pods == pods for each in standing)


async def pods_chosen(target: Target, workload: Entity) -> Pods:
    """The pods of a workload."""
    labels = (await target.get(workload))["spec"]["selector"]["matchLabels"]
    return Pods(namespace=workload.namespace, labels=labels)
