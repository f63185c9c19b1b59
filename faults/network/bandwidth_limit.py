"""Fault: a workload's pods may send and receive far too little."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.reach import waiting
from aiops.faults.kit.workloads import find
from aiops.faults.parameters import choose, one_of, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

PREFIX, SUFFIX = "kubernetes.io/", "-bandwidth"
ENOUGH = 20e6
"""Bits a second of a pod from which on nobody notices."""


async def _present(target: Target, before: Before, deployment: Entity, direction: str, kilobits: int) -> bool:
    """No annotation may limit the workload's pods to less than they need."""
    found = await find(target, deployment)
    if found is None:
        return True
    annotations = found["spec"]["template"]["metadata"].get("annotations") or {}
    limits = [parse_quantity(value) for key, value in annotations.items() if _is_limit(key)]
    return any(limit < ENOUGH for limit in limits)


async def _other_fix(target: Target, before: Before, deployment: Entity, direction: str, kilobits: int) -> None:
    """A limit with three more zeros."""
    await _limit(target, deployment, direction, f"{kilobits}M")


@fault(
    Mechanism.NETWORK_BANDWIDTH,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "network", "bandwidth"}),
)
async def bandwidth_limit(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that users wait for", waiting, Entity.parse)],
    direction: Annotated[str, one_of("egress", "ingress")],
    kilobits: Annotated[int, whole(40, 120)],
) -> GroundTruth:
    """An annotation limits what a Deployment's pods send or receive to kilobits instead of megabits: calls queue."""
    await _limit(target, deployment, direction, f"{kilobits}k")
    field = f"spec.template.metadata.annotations[{PREFIX}{direction}{SUFFIX}]"
    return GroundTruth(subject=deployment, mechanism=Mechanism.NETWORK_BANDWIDTH, field=field)


async def _limit(target: Target, deployment: Entity, direction: str, value: str) -> None:
    annotations = {f"{PREFIX}{direction}{SUFFIX}": value}
    await target.patch(deployment, {"spec": {"template": {"metadata": {"annotations": annotations}}}}, "merge")


def _is_limit(key: str) -> bool:
    return key in (f"{PREFIX}egress{SUFFIX}", f"{PREFIX}ingress{SUFFIX}")
