"""One object as it was, from the change history."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.entity import Manifest
from aiops.tools.kit.arguments import EntityArg, check_allowed
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result


class PastObject(Result):
    """The desired state of an object at a moment; None where it was not there or not yet watched."""

    manifest: Manifest | None = None


@tool(effect="reads")
async def object_before(
    ctx: Context, entity: EntityArg, moment: Annotated[float, Field(ge=0, description="unix seconds")]
) -> PastObject:
    """Read what was asked for of one Kubernetes object just before a moment. Secret values are never shown."""
    check_allowed(ctx, entity)
    if ctx.changes is None:
        return PastObject(no_data="no change recorder is running")
    manifest = await ctx.changes.version_before(entity, moment)
    return PastObject(manifest=manifest, no_data=None if manifest else f"{entity} is not known before that moment")
