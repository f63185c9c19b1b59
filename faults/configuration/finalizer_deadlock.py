"""Fault: a pod that cannot go, so that the next one of its name cannot come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _of_stateful_sets(target: Target, namespace: str) -> Sequence[Entity]:
    """The first pod of each StatefulSet that is ready."""
    ready = [
        item for item in await target.list("StatefulSet", namespace) if item.get("status", {}).get("readyReplicas")
    ]
    names = sorted(str(item["metadata"]["name"]) for item in ready)
    return [Entity(kind="Pod", namespace=namespace, name=f"{name}-0") for name in names]


async def _present(target: Target, before: Before, pod: Entity, finalizer: str) -> bool:
    now = await find(target, pod)
    return bool(now and now["metadata"].get("deletionTimestamp") and now["metadata"].get("finalizers"))


async def _other_fix(target: Target, before: Before, pod: Entity, finalizer: str) -> None:
    """Every finalizer goes."""
    await target.patch(pod, {"metadata": {"finalizers": None}}, "merge")


@fault(
    Mechanism.CONFIG_FINALIZER,
    entities=("Pod",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes"}),
)
async def finalizer_deadlock(
    target: Target,
    pod: Annotated[Entity, choose("the pod of a StatefulSet", _of_stateful_sets, Entity.parse)],
    finalizer: Annotated[
        str,
        one_of(
            "backup.example.com/snapshot",
            "storage.example.com/detach",
            "mesh.example.com/drain",
            "audit.example.com/archive",
        ),
    ],
) -> GroundTruth:
    """A pod of a StatefulSet is deleted while it bears a finalizer that nobody removes: no other takes its place."""
    await target.patch(pod, {"metadata": {"finalizers": [finalizer]}}, "merge")
    await target.delete(pod)
    return GroundTruth(subject=pod, mechanism=Mechanism.CONFIG_FINALIZER, field="metadata.finalizers")
