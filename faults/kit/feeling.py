"""Workloads whose programs could behave in a way at all: not every one has pools, caches or topics."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.core.disturbance import Behaviour, Pods
from aiops.core.disturbance.process import Misbehaviour
from aiops.core.entity import Manifest
from aiops.core.target import Target
from aiops.faults.kit.workloads import containers


def pods_with_its_labels(workload: Manifest) -> Pods:
    """The pods of a workload, and its first container in them."""
    return Pods(
        namespace=workload["metadata"]["namespace"],
        labels=workload["spec"]["selector"].get("matchLabels") or {},
        container=containers(workload)[0]["name"],
    )


async def that_feel(target: Target, workloads: Sequence[Manifest], *behaviours: Behaviour) -> list[Manifest]:
    """Those whose processes would do something else if they behaved so."""
    return [
        workload
        for workload in workloads
        if await target.feels(Misbehaviour(pods=pods_with_its_labels(workload), behaviours=behaviours))
    ]
