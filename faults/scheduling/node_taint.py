"""Fault: a taint keeps pods from the nodes that they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.homes import admitting, evicted, leading, movable
from aiops.faults.kit.places import admits, homes
from aiops.faults.kit.workloads import find, pods_of
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _workloads(target: Target, namespace: str) -> Sequence[Entity]:
    return await movable(target, namespace)


async def _present(target: Target, before: Before, workload: Entity, taint: str) -> bool:
    """No node that was a home of the pods admits them."""
    manifest = await find(target, workload)
    if manifest is None:
        return True
    nodes = [await find(target, node) for node in leading(before)]
    return not any(node is not None and admits(node, manifest["spec"]["template"]["spec"]) for node in nodes)


async def _other_fix(target: Target, before: Before, workload: Entity, taint: str) -> None:
    """The taint only asks to be avoided: whoever finds no other node is let in."""
    for node in leading(before):
        present = (await target.get(node))["spec"].get("taints") or ()
        taints = [_softened(each, taint.partition("=")[0]) for each in present]
        await target.patch(node, {"spec": {"taints": taints}}, "merge")


@fault(
    Mechanism.SCHEDULING_TAINT,
    entities=("Node",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "node"}),
)
async def node_taint(
    target: Target,
    workload: Annotated[Entity, choose("a workload whose pods serve", _workloads, Entity.parse)],
    taint: Annotated[
        str, one_of("dedicated=batch", "pool=spot", "workload=analytics", "team=data", "lifecycle=retiring")
    ],
) -> GroundTruth:
    """The nodes on which a workload may run are set apart for something else: its evicted pods stay pending."""
    key, _, value = taint.partition("=")
    manifest = await target.get(workload)
    nodes = await homes(target, await pods_of(target, manifest))
    for node in nodes:
        taints = [*((await target.get(node))["spec"].get("taints") or ()), _taint(key, value)]
        await target.patch(node, {"spec": {"taints": taints}}, "merge")
    await evicted(target, manifest)
    return admitting(nodes, Mechanism.SCHEDULING_TAINT, "spec.taints")


def _softened(taint: Manifest, key: str) -> Manifest:
    return {**taint, "effect": "PreferNoSchedule"} if taint["key"] == key else taint


def _taint(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value, "effect": "NoSchedule"}
