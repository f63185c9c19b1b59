"""Fault: a LimitRange that allows a container less than it asks for."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu, memory, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.limits import limit_of, original_limit
from aiops.faults.kit.workloads import container_named, containers, find, restart
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, name: str, resource: str, percent: int) -> bool:
    """No LimitRange may allow less than the container's limit, which may not be far below what it was."""
    container, enough = original_limit(before, deployment, resource)
    now = await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if changed is None:
        return True
    wanted = _limit(changed, resource) or enough
    allowed = [
        parse_quantity(item["max"][resource])
        for found in await target.list("LimitRange", deployment.namespace)
        for item in found["spec"]["limits"]
        if item["type"] == "Container" and resource in (item.get("max") or {})
    ]
    return any(most < wanted for most in allowed)


async def _other_fix(
    target: Target, before: Before, deployment: Entity, name: str, resource: str, percent: int
) -> None:
    """The range allows twice the largest limit that anybody in the namespace has."""
    _, limit = original_limit(before, deployment, resource)
    limits = [_limit(container, resource) for container in await _all_containers(target, deployment.namespace)]
    await target.patch(_range(deployment, name), {"spec": _most(resource, 2 * max([limit, *limits]))}, "merge")


@fault(
    Mechanism.RESOURCE_LIMIT_RANGE,
    entities=("LimitRange",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes"}),
)
async def limit_range_max(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    name: Annotated[str, one_of("container-limits", "defaults", "tenant", "guardrails")],
    resource: Annotated[str, one_of("cpu", "memory")],
    percent: Annotated[int, whole(40, 80)],
) -> GroundTruth:
    """A LimitRange allows containers less than a Deployment's ask for: its pods, once gone, are not made again."""
    present = await target.get(deployment)
    _, limit = limit_of(present, resource)
    metadata = {"name": name, "namespace": deployment.namespace}
    spec = _most(resource, limit * percent / 100)
    await target.create({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": spec})
    await restart(target, present)
    return GroundTruth(
        subject=_range(deployment, name), mechanism=Mechanism.RESOURCE_LIMIT_RANGE, field="spec.limits[Container].max"
    )


async def _all_containers(target: Target, namespace: str) -> list[Manifest]:
    workloads = [item for kind in ("Deployment", "StatefulSet") for item in await target.list(kind, namespace)]
    return [container for workload in workloads for container in containers(workload)]


def _limit(container: Manifest, resource: str) -> float:
    """0 without a limit."""
    written = read(container, f"resources.limits.{resource}")
    return parse_quantity(written) if written else 0.0


def _range(deployment: Entity, name: str) -> Entity:
    return Entity(kind="LimitRange", namespace=deployment.namespace, name=name)


def _most(resource: str, amount: float) -> dict[str, list[dict[str, object]]]:
    written = cpu(amount) if resource == "cpu" else memory(amount)
    return {"limits": [{"type": "Container", "max": {resource: written}}]}
