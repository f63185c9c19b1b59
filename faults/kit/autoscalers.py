"""Autoscalers, and how much of what they scale is needed."""

from __future__ import annotations

from aiops.core.disturbance.load import LoadIncrease, LoadInStep
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.busiest import COMFORT, in_use
from aiops.faults.kit.workloads import containers

TOO_MUCH = 1.4
"""What a busy day asks of a workload, as a multiple of what one pod of it can do."""

_STEEP = 2.4
"""How many times as many users as usual a wave has, where the others carry so many: autoscalers leave some room in
every pod."""

_WAVE = 90.0
"""Seconds for which a wave of users lasts."""

_JUST = 0.9
"""The share of its capacity that a workload may need where there is no choice: what is measured is that of a moment."""


async def needed_autoscalers(target: Target, namespace: str) -> list[Entity]:
    """Autoscalers on CPU of workloads that run several pods, all of which a busy day needs, or a wave of users, and
    which the others carry: in comfort, or where there is none just so; by name."""
    several, bearable = await _several(target, namespace), await _bearable(target, namespace)
    in_comfort = [name for name, factor in several if factor <= COMFORT * bearable]
    return in_comfort or [name for name, factor in several if factor <= _JUST * bearable]


async def _several(target: Target, namespace: str) -> list[tuple[Entity, float]]:
    """Autoscalers of workloads that run more than one pod, by name, and how many times as many users need that."""
    found = [
        (Entity.of(each), await _factor(target, each))
        for each in await target.list("HorizontalPodAutoscaler", namespace)
        if (each["status"].get("currentReplicas") or 0) > 1
    ]
    return sorted([(name, factor) for name, factor in found if factor > 1], key=str)


async def _bearable(target: Target, namespace: str) -> float:
    """How many times as many users fill the fullest of the workloads without autoscalers."""
    return 1.0 / max([share for share, _ in await in_use(target, namespace)], default=1.0)


async def busy_day(target: Target, autoscaler: Entity, minutes: int) -> LoadIncrease:
    """So many more users that one pod is not enough for them, after a rise."""
    return LoadIncrease(factor=await _factor(target, await target.get(autoscaler)), rise_seconds=60.0 * minutes)


async def in_waves(target: Target, autoscaler: Entity, minutes: int) -> LoadInStep:
    """As many users as ever, but in waves, one in so many minutes: each needs more pods than the lull before it."""
    needed = await _factor(target, await target.get(autoscaler))
    easy = COMFORT * await _bearable(target, autoscaler.namespace)
    factor = round(max(needed, min(_STEEP, easy)), 2)
    return LoadInStep(factor=factor, seconds=_WAVE, period_seconds=60.0 * minutes)


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
