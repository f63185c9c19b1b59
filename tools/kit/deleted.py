"""What the tools that bring a deleted object back share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotFoundError, NotPossibleError, RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import check_allowed, check_kind
from aiops.tools.kit.context import Context

Moment = Annotated[float, Field(ge=0, description="when it was deleted, in unix seconds")]


async def read_deleted(ctx: Context, entity: Entity, deleted_at: float, kinds: tuple[str, ...]) -> Manifest:
    """The object as the change history knows it from just before its deletion.

    Raises `RetryWithOtherArgumentsError` for another kind and for an object that exists, `NotPossibleError` where the
    history does not know it."""
    check_kind(entity, kinds, "entity")
    check_allowed(ctx, entity)
    if ctx.changes is None:
        raise NotPossibleError("no change recorder is running, so nothing is known about deleted objects")
    manifest = await ctx.changes.version_before(entity, deleted_at)
    if manifest is None:
        raise NotPossibleError(f"the change history does not know {entity} before its deletion")
    try:
        await ctx.kube.get(entity)
    except NotFoundError:
        return manifest
    raise RetryWithOtherArgumentsError(f"argument entity: {entity} exists")
