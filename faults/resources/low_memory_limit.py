"""Fault: a memory limit below what the process needs once it is warm."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import memory, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.limits import PLENTY, limit_of, original_limit, present_limit, set_limit, too_low
from aiops.faults.kit.workloads import container_in, container_named, pods_of
from aiops.faults.parameters import pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

LIMIT = "resources.limits.memory"


async def _present(target: Target, before: Before, deployment: Entity, percent: int) -> bool:
    """A limit is enough when it is about what it was, or when it is above the fault's and all pods live with it."""
    if not await too_low(target, before, deployment, "memory"):
        return False
    container, limit = original_limit(before, deployment, "memory")
    if await present_limit(target, before, deployment, "memory") <= parse_quantity(memory(limit * percent / 100)):
        return True
    return not await _live(target, await target.get(deployment), container["name"])


async def _other_fix(target: Target, before: Before, deployment: Entity, percent: int) -> None:
    """More memory than before."""
    container, limit = original_limit(before, deployment, "memory")
    await set_limit(target, deployment, container, "memory", memory(limit * PLENTY))


@fault(
    Mechanism.RESOURCE_MEMORY_LIMIT,
    entities=("Deployment",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def low_memory_limit(
    target: Target, deployment: Annotated[Entity, pick("Deployment")], percent: Annotated[int, whole(36, 43)]
) -> GroundTruth:
    """A Deployment's memory limit falls to a share of what it was: processes start, warm up, and are OOM-killed."""
    container, limit = limit_of(await target.get(deployment), "memory")
    await set_limit(target, deployment, container, "memory", memory(limit * percent / 100))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.RESOURCE_MEMORY_LIMIT,
        field=f"spec.template.spec.containers[{container['name']}].resources.limits.memory",
    )


async def _live(target: Target, deployment: Manifest, name: str) -> bool:
    """Whether all pods run with the limit that is asked for now, ready, and none was killed for its memory."""
    wanted = read(container_named(deployment, name), LIMIT)
    pods = await pods_of(target, deployment)
    return bool(pods) and all(_lives(pod, name, wanted) for pod in pods)


def _lives(pod: Manifest, name: str, wanted: str) -> bool:
    statuses: list[Manifest] = (pod.get("status") or {}).get("containerStatuses") or []
    status = next((item for item in statuses if item["name"] == name), {})
    killed = read(status, "lastState.terminated.reason") == "OOMKilled"
    return bool(status.get("ready")) and not killed and read(container_in(pod["spec"], name), LIMIT) == wanted
