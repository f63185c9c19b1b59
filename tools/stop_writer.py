"""A program that overwrites an object again and again is stopped, and the object gets its values back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.restorable import KINDS
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target
from aiops.tools.restore_fields import restore_fields

STOPPED = {
    "CronJob": {"spec": {"suspend": True}},
    "Deployment": {"spec": {"replicas": 0}},
    "StatefulSet": {"spec": {"replicas": 0}},
}


@tool(effect="changes", risk=Risk.HIGH, needs=rules(("get", "patch"), *KINDS))
async def stop_writer(
    ctx: Context,
    writer: EntityArg,
    entity: EntityArg,
    changed_at: Annotated[float, Field(ge=0, description="when its fields were first changed, in unix seconds")],
    paths: Annotated[list[str], Field(min_length=1, max_length=50, description="fields to put back")],
) -> list[Edit]:
    """Scale a workload to zero or suspend a CronJob that overwrites another object, whose fields go back to
    their values of just before a recorded change."""
    await read_target(ctx, writer, tuple(STOPPED), "writer")
    if writer == entity:
        raise NotPossibleError(f"{writer} cannot be stopped and mended at once")
    return [_stop(writer), *await restore_fields(ctx, entity, changed_at, paths)]


def _stop(writer: Entity) -> Edit:
    return PatchEdit(target=writer, patch_type="merge", body=STOPPED[writer.kind])
