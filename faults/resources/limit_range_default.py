"""Fault: a LimitRange gives containers without a limit too small a one."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import memory, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.limits import ENOUGH, PLENTY, limit_of, original_limit
from aiops.faults.kit.workloads import container_named, find, for_container
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, name: str, percent: int) -> bool:
    """The container's own limit, or the one that it is given, must be about what it was."""
    container, enough = original_limit(before, deployment, "memory")
    now = await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if changed is None:
        return True
    own = ((changed.get("resources") or {}).get("limits") or {}).get("memory")
    given = (
        [own]
        if own
        else [
            item["default"]["memory"]
            for found in await target.list("LimitRange", deployment.namespace)
            for item in found["spec"]["limits"]
            if item["type"] == "Container" and "memory" in (item.get("default") or {})
        ]
    )
    return any(parse_quantity(limit) < ENOUGH * enough for limit in given)


async def _other_fix(target: Target, before: Before, deployment: Entity, name: str, percent: int) -> None:
    """More than before, for the containers that say nothing."""
    _, limit = original_limit(before, deployment, "memory")
    given = memory(limit * PLENTY)
    spec = {"limits": [{"type": "Container", "default": {"memory": given}, "defaultRequest": {"memory": given}}]}
    await target.patch(_range(deployment, name), {"spec": spec}, "merge")
    annotations = {"checksum/limits": given}
    await target.patch(deployment, {"spec": {"template": {"metadata": {"annotations": annotations}}}})


@fault(
    Mechanism.RESOURCE_LIMIT_RANGE,
    entities=("LimitRange",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def limit_range_default(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("container-defaults", "defaults", "tenant", "sizing")],
    percent: Annotated[int, whole(36, 43)],
) -> GroundTruth:
    """A Deployment leaves its memory limit to the namespace, whose LimitRange gives it too little: it is OOM-killed."""
    container, limit = limit_of(await target.get(deployment), "memory")
    given = memory(limit * percent / 100)
    metadata = {"name": name, "namespace": deployment.namespace}
    defaults: Manifest = {"type": "Container", "default": {"memory": given}, "defaultRequest": {"memory": given}}
    spec = {"limits": [defaults]}
    await target.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": spec})
    left: Manifest = {"limits": {"memory": None}, "requests": {"memory": None}}
    await target.patch(deployment, for_container(container["name"], resources=left))
    return GroundTruth(
        subject=_range(deployment, name),
        mechanism=Mechanism.RESOURCE_LIMIT_RANGE,
        field="spec.limits[Container].default",
    )


def _range(deployment: Entity, name: str) -> Entity:
    return Entity(kind="LimitRange", namespace=deployment.namespace, name=name)
