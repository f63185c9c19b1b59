"""Fault: an autoscaler gets no figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.load import LoadIncrease
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.autoscalers import busy_autoscalers
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_MEASURED = ("Resource", "ContainerResource")


async def _scaling(target: Target, namespace: str) -> Sequence[Entity]:
    return await busy_autoscalers(target, namespace)


async def _present(target: Target, before: Before, autoscaler: Entity, metric: str, percent: int) -> bool:
    """No metric of it is one that the cluster measures."""
    found = await find(target, autoscaler)
    return found is not None and not any(each["type"] in _MEASURED for each in found["spec"].get("metrics") or ())


async def _other_fix(target: Target, before: Before, autoscaler: Entity, metric: str, percent: int) -> None:
    """Its CPU again, at another utilisation."""
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    await target.patch(autoscaler, {"spec": {"metrics": [{"type": "Resource", "resource": cpu}]}}, "merge")


@fault(
    Mechanism.SCALING_METRIC,
    entities=("HorizontalPodAutoscaler",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "scaling"}),
)
async def autoscaler_metric(
    target: Target,
    autoscaler: Annotated[Entity, choose("an autoscaler of a busy workload", _scaling, Entity.parse)],
    metric: Annotated[
        str, one_of("http_requests_per_second", "requests_in_flight", "queue_depth", "p95_latency_seconds")
    ],
    percent: Annotated[int, whole(170, 230)],
) -> GroundTruth:
    """An autoscaler is moved to a metric that nobody serves: it stays where it is while more users come."""
    await target.disturb(LoadIncrease(factor=percent / 100, rise_seconds=120))
    await target.patch(autoscaler, {"spec": {"metrics": [_pods_metric(metric)]}}, "merge")
    return GroundTruth(subject=autoscaler, mechanism=Mechanism.SCALING_METRIC, field="spec.metrics")


def _pods_metric(name: str) -> Manifest:
    wanted = {"type": "AverageValue", "averageValue": "40"}
    return {"type": "Pods", "pods": {"metric": {"name": name}, "target": wanted}}
