"""Limits of containers: the one that a fault lowers, whether it is high enough again, another one that is."""

from __future__ import annotations

from math import inf

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.fields import read
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.workloads import container_named, containers, find, for_container, original
from aiops.faults.registry import Before

ENOUGH = 0.85
"""The share of the limit before the fault from which on a limit is enough."""

PLENTY = 1.25
"""What the other fix sets, as a share of the limit before the fault."""


def limit_of(deployment: Manifest, resource: str) -> tuple[Manifest, float]:
    """The first container, and its limit (cores or bytes). Raises `NotPossibleError` where it has none."""
    container = containers(deployment)[0]
    limit = read(container, f"resources.limits.{resource}")
    if limit is None:
        name = Entity.of(deployment)
        raise NotPossibleError(f"{name}: container {container['name']} has no {resource} limit")
    return container, parse_quantity(limit)


async def set_limit(target: Target, deployment: Entity, container: Manifest, resource: str, written: str) -> None:
    """Set a container's limit, and its request where that is above it."""
    resources = {"limits": {resource: written}}
    request = read(container, f"resources.requests.{resource}")
    if request is not None and parse_quantity(request) > parse_quantity(written):
        resources["requests"] = {resource: written}
    await target.patch(deployment, for_container(container["name"], resources=resources))


async def too_low(target: Target, before: Before, deployment: Entity, resource: str) -> bool:
    """Whether the limit is still clearly below what it was. No limit at all is enough."""
    _, enough = original_limit(before, deployment, resource)
    return await present_limit(target, before, deployment, resource) < ENOUGH * enough


async def present_limit(target: Target, before: Before, deployment: Entity, resource: str) -> float:
    """The limit of the container that the fault met (cores or bytes): infinite without one, 0 where it is gone."""
    container, _ = original_limit(before, deployment, resource)
    present = await find(target, deployment)
    changed = container_named(present, container["name"]) if present else None
    if changed is None:
        return 0.0
    limit = read(changed, f"resources.limits.{resource}")
    return inf if limit is None else parse_quantity(limit)


def original_limit(before: Before, deployment: Entity, resource: str) -> tuple[Manifest, float]:
    """The container and its limit before the fault."""
    return limit_of(original(before, deployment), resource)
