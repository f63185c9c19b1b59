"""Autoscalers, and how much of what they scale is needed."""

from __future__ import annotations

from aiops.core.disturbance.load import LoadIncrease
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.busiest import in_use
from aiops.faults.kit.workloads import containers

TOO_MUCH = 1.4
"""What a busy day asks of a workload, as a multiple of what one pod of it can do."""

_MOST = 0.9
"""The share of its capacity that the users of a busy day may need of any other workload, which has to carry them."""


async def needed_autoscalers(target: Target, namespace: str) -> list[Entity]:
    """Autoscalers on CPU of workloads that run several pods, all of which a busy day needs; by name."""
    found = await target.list("HorizontalPodAutoscaler", namespace)
    several = [each for each in found if (each["status"].get("currentReplicas") or 0) > 1]
    most = _MOST / max([share for share, _ in await in_use(target, namespace)], default=1.0)
    return sorted([Entity.of(each) for each in several if 1 < await _factor(target, each) <= most], key=str)


async def busy_day(target: Target, autoscaler: Entity, minutes: int) -> LoadIncrease:
    """So many more users that one pod is not enough for them, after a rise."""
    return LoadIncrease(factor=await _factor(target, await target.get(autoscaler)), rise_seconds=60.0 * minutes)


async def _factor(target: Target, autoscaler: Manifest) -> float:
    """How many times as many users need more than one pod; 0 where nothing tells."""
    metrics = autoscaler["status"].get("currentMetrics") or ()
    used = next((value for each in metrics if (value := read(each, "resource.current.averageValue"))), None)
    scaled = await target.get(scaled_by(autoscaler))
    limit = read(containers(scaled)[0], "resources.limits.cpu")
    if used is None or limit is None or not parse_quantity(used):
        return 0.0
    total = parse_quantity(used) * int(autoscaler["status"]["currentReplicas"])
    return round(TOO_MUCH * parse_quantity(limit) / total, 2)


def scaled_by(autoscaler: Manifest) -> Entity:
    """The workload that an autoscaler scales."""
    reference = autoscaler["spec"]["scaleTargetRef"]
    namespace = autoscaler["metadata"]["namespace"]
    return Entity(kind=reference["kind"], namespace=namespace, name=reference["name"])
