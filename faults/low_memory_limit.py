"""Fault: a memory limit below what the process needs once it is warm."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.parameters import pick, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth

MEBIBYTE = 2**20


@fault("resource.memory_limit", entity="Deployment", family="resources", tags=frozenset({"kubernetes", "restarts"}))
async def low_memory_limit(
    target: Target, deployment: Annotated[Entity, pick("Deployment")], percent: Annotated[int, whole(42, 55)]
) -> GroundTruth:
    """A Deployment's memory limit falls to a share of what it was: processes start, warm up, and are OOM-killed."""
    container = (await target.get(deployment))["spec"]["template"]["spec"]["containers"][0]
    limit = read(container, "resources.limits.memory")
    if limit is None:
        raise NotPossibleError(f"{deployment}: container {container['name']} has no memory limit")
    lower = int(parse_quantity(limit) * percent / 100 / MEBIBYTE) * MEBIBYTE
    request = parse_quantity(read(container, "resources.requests.memory") or 0)
    resources = {"limits": {"memory": _written(lower)}}
    if request > lower:
        resources["requests"] = {"memory": _written(lower)}
    containers = [{"name": container["name"], "resources": resources}]
    await target.patch(deployment, {"spec": {"template": {"spec": {"containers": containers}}}})
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.RESOURCE_MEMORY_LIMIT,
        field=f"spec.template.spec.containers[{container['name']}].resources.limits.memory",
    )


def _written(size: int) -> str:
    return f"{size // MEBIBYTE}Mi"
