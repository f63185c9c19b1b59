"""Fault: nodes that are needed take no pods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.homes import admitting, evicted, leading, movable
from aiops.faults.kit.places import homes
from aiops.faults.kit.workloads import find, pods_of
from aiops.faults.parameters import choose
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _workloads(target: Target, namespace: str) -> Sequence[Entity]:
    return await movable(target, namespace)


async def _present(target: Target, before: Before, workload: Entity) -> bool:
    """No node that was a home of the pods takes any."""
    nodes = [await find(target, node) for node in leading(before)]
    return all(node is None or node["spec"].get("unschedulable") for node in nodes)


async def _other_fix(target: Target, before: Before, workload: Entity) -> None:
    """One of the nodes takes pods again."""
    await target.patch(leading(before)[0], {"spec": {"unschedulable": None}})


@fault(
    Mechanism.SCHEDULING_CORDON,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "node"}),
)
async def cordoned(
    target: Target, workload: Annotated[Entity, choose("a workload whose pods serve", _workloads, Entity.parse)]
) -> GroundTruth:
    """After maintenance, the nodes on which a workload may run were not uncordoned: its evicted pods stay pending."""
    manifest = await target.get(workload)
    nodes = await homes(target, await pods_of(target, manifest))
    for node in nodes:
        await target.patch(node, {"spec": {"unschedulable": True}})
    await evicted(target, manifest)
    return admitting(nodes, Mechanism.SCHEDULING_CORDON, "spec.unschedulable")
