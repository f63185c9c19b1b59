"""Fault: pods of a higher priority push others out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.culprits import IDLE, batch_deployment, runs, stop, unused
from aiops.faults.kit.places import admits
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _batches(target: Target, namespace: str) -> Sequence[Entity]:
    names = ("report-builder", "search-reindex", "price-import", "sales-export", "thumbnailer", "forecast")
    return await unused(target, namespace, *names)


async def _present(target: Target, before: Before, batch: Entity, rank: str, percent: int) -> bool:
    """The batch pods are asked for, stand above others, and are as large as they were."""
    found = await runs(target, batch)
    if found is None:
        return False
    name = found["spec"]["template"]["spec"].get("priorityClassName")
    known = await find(target, Entity(kind="PriorityClass", namespace="", name=name)) if name else None
    asked = (containers(found)[0].get("resources") or {}).get("requests") or {}
    return known is not None and known["value"] > 0 and parse_quantity(asked.get("cpu", "0")) > 1


async def _other_fix(target: Target, before: Before, batch: Entity, rank: str, percent: int) -> None:
    """The batch workload waits until there is room for it."""
    await stop(target, batch)


@fault(
    Mechanism.SCHEDULING_PREEMPTION,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "node"}),
)
async def preempted(
    target: Target,
    batch: Annotated[Entity, choose("a name for a batch workload", _batches, Entity.parse)],
    rank: Annotated[str, one_of("urgent", "nightly-batch", "reporting", "end-of-quarter")],
    percent: Annotated[int, whole(84, 93)],
) -> GroundTruth:
    """A batch workload of the highest priority asks for most of every node: pods that serve are preempted."""
    nodes = [node for node in await target.list("Node", "") if admits(node, {})]
    size = min(parse_quantity(node["status"]["allocatable"]["cpu"]) for node in nodes)
    await target.create(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": rank},
            "value": 900_000_000,
            "description": "Has to be done before the day begins.",
        }
    )
    resources = {"requests": {"cpu": cpu(size * percent / 100), "memory": "256Mi"}, "limits": {"memory": "512Mi"}}
    await target.create(batch_deployment(batch, {**IDLE, "resources": resources}, len(nodes), priorityClassName=rank))
    return GroundTruth(
        subject=batch, mechanism=Mechanism.SCHEDULING_PREEMPTION, field="spec.template.spec.priorityClassName"
    )
