"""What the tools that change a workload share: read it, find its container, patch that container."""

from __future__ import annotations

from typing import Any

from aiops.core.action import Edit, PatchEdit
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.errors import NotFoundError, RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import check_allowed, check_kind
from aiops.tools.kit.context import Context
from aiops.tools.kit.rights import rules

CHANGE_TEMPLATE = rules(("get", "patch"), *WORKLOAD_KINDS)
"""The rights of a tool that changes a workload's pod template."""


async def read_target(ctx: Context, entity: Entity, kinds: tuple[str, ...], argument: str) -> Manifest:
    """The object that a tool would change. Raises `RetryWithOtherArgumentsError` where it is not there."""
    check_kind(entity, kinds, argument)
    check_allowed(ctx, entity)
    try:
        return await ctx.kube.get(entity)
    except NotFoundError as error:
        raise RetryWithOtherArgumentsError(f"argument {argument}: {entity} does not exist") from error


async def read_container(ctx: Context, workload: Entity, name: str) -> Manifest:
    """A container of a workload's pod template, as it is now."""
    manifest = await read_target(ctx, workload, WORKLOAD_KINDS, "workload")
    containers = manifest["spec"]["template"]["spec"]["containers"]
    for container in containers:
        if container["name"] == name:
            found: Manifest = container
            return found
    names = ", ".join(item["name"] for item in containers)
    raise RetryWithOtherArgumentsError(f"argument container: {workload} has no container {name!r}; it has {names}")


def patch_container(workload: Entity, name: str, fields: dict[str, Any]) -> list[Edit]:
    """The edit that changes these fields of one container and leaves the others alone."""
    body = {"spec": {"template": {"spec": {"containers": [{"name": name, **fields}]}}}}
    return [PatchEdit(target=workload, patch_type="strategic", body=body)]
