"""Fault: pods ask for more than any node has."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu, memory, parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.workloads import containers, find, for_container, original
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, resource: str, percent: int) -> bool:
    manifest = await find(target, deployment)
    if manifest is None:
        return True
    asked = [read(each, f"resources.requests.{resource}") or "0" for each in containers(manifest)]
    return sum(parse_quantity(text) for text in asked) > await _largest(target, resource)


async def _other_fix(target: Target, before: Before, deployment: Entity, resource: str, percent: int) -> None:
    """A little more than before; the limit stays raised."""
    container = containers(original(before, deployment))[0]
    asked = parse_quantity(read(container, f"resources.requests.{resource}") or "100m") * 1.25
    resources = {"requests": {resource: _written(resource, asked)}}
    await target.patch(deployment, for_container(container["name"], resources=resources))


@fault(
    Mechanism.SCHEDULING_REQUEST,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def oversized_request(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    resource: Annotated[str, one_of("cpu", "memory")],
    percent: Annotated[int, whole(110, 400)],
) -> GroundTruth:
    """A Deployment is rolled out with requests that no node is large enough for: its new pods stay pending."""
    container = containers(await target.get(deployment))[0]
    asked = _written(resource, await _largest(target, resource) * percent / 100)
    resources = {"requests": {resource: asked}, "limits": {resource: asked}}
    await target.patch(deployment, for_container(container["name"], resources=resources))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.SCHEDULING_REQUEST,
        field=f"spec.template.spec.containers[{container['name']}].resources.requests.{resource}",
    )


async def _largest(target: Target, resource: str) -> float:
    """What the largest node has to give (cores or bytes)."""
    nodes = await target.list("Node", "")
    return max(parse_quantity(node["status"]["allocatable"][resource]) for node in nodes)


def _written(resource: str, amount: float) -> str:
    return cpu(amount) if resource == "cpu" else memory(amount)
