"""Fields of an object as the change history knows them from before a change."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.errors import ConflictError, NotPossibleError, RetryWithOtherArgumentsError
from aiops.core.fields import read, write
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.guarded import check_template
from aiops.tools.kit.patches import diff_patch
from aiops.tools.kit.registry import tool
from aiops.tools.kit.restarting import Restarted, restarts
from aiops.tools.kit.restorable import KINDS, may_restore
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), *KINDS))
async def restore_fields(
    ctx: Context,
    entity: EntityArg,
    changed_at: Annotated[float, Field(ge=0, description="when they were changed, in unix seconds")],
    paths: Annotated[list[str], Field(min_length=1, max_length=50, description="paths such as `spec.hard.pods`")],
    restart: Restarted = (),
) -> list[Edit]:
    """Give fields of an object the values of just before a recorded change, as the change history knows them.

    Refused for fields that decide what pods or accounts may do; a pod template's pods are replaced step by step."""
    manifest = await read_target(ctx, entity, KINDS, "entity")
    for path in paths:
        if not may_restore(entity.kind, path):
            raise RetryWithOtherArgumentsError(f"argument paths: {path} of a {entity.kind} is not restored here")
    version = await _version(ctx, entity, changed_at)
    wanted = manifest
    for path in paths:
        wanted = _with(entity, wanted, path, version)
    if entity.kind in WORKLOAD_KINDS:
        templates = manifest["spec"]["template"], wanted["spec"]["template"]
        await check_template(ctx, entity, *templates, with_account=False)
    patch = diff_patch(manifest, wanted)
    if not patch:
        raise NotPossibleError(f"{entity} has the former values of {', '.join(paths)} already")
    return [PatchEdit(target=entity, patch_type="merge", body=patch), *await restarts(ctx, restart)]


async def _version(ctx: Context, entity: Entity, moment: float) -> Manifest:
    if ctx.changes is None:
        raise NotPossibleError("no change recorder is running, so nothing is known about former values")
    version = await ctx.changes.version_before(entity, moment)
    if version is None:
        raise NotPossibleError(f"the change history does not know {entity} before that moment")
    return version


def _with(entity: Entity, manifest: Manifest, path: str, version: Manifest) -> Manifest:
    """The object with one field as it was. An item that a list lost comes back with its list."""
    for step in re.finditer(r"\[", path):
        whole = path[: step.start()]
        if isinstance(read(version, whole), list) and not isinstance(read(manifest, whole), list):
            return _written(manifest, whole, version)
    try:
        return _written(manifest, path, version)
    except KeyError:
        whole = path.rpartition("[")[0]
        if read(version, whole) is None:
            raise ConflictError(f"{entity}: {path} is not there any more") from None
        return _written(manifest, whole, version)


def _written(manifest: Manifest, path: str, version: Manifest) -> Manifest:
    changed: Manifest = write(manifest, path, read(version, path))
    return changed
