"""A deleted object, as the change history knows it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import CreateEdit, Edit, Risk
from aiops.core.errors import NotFoundError, NotPossibleError, RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg, check_allowed, check_kind
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules

KINDS = (
    "ConfigMap",
    "HorizontalPodAutoscaler",
    "Ingress",
    "NetworkPolicy",
    "Role",
    "RoleBinding",
    "Service",
    "ServiceAccount",
)
"""Kinds whose whole desired state the history holds and that run no pods. Not Secret: of one it knows hashes alone."""

RIGHTS = rules(("create", "delete", "get"), *KINDS)
"""Taking the creation back is a deletion."""


@tool(effect="changes", risk=Risk.MEDIUM, needs=RIGHTS)
async def recreate_object(
    ctx: Context,
    entity: EntityArg,
    deleted_at: Annotated[float, Field(ge=0, description="when it was deleted, in unix seconds")],
) -> list[Edit]:
    """Create a deleted object again, as it was just before its deletion. Secrets cannot be brought back."""
    check_kind(entity, KINDS, "entity")
    check_allowed(ctx, entity)
    if ctx.changes is None:
        raise NotPossibleError("no change recorder is running, so nothing is known about deleted objects")
    manifest = await ctx.changes.version_before(entity, deleted_at)
    if manifest is None:
        raise NotPossibleError(f"the change history does not know {entity} before its deletion")
    try:
        await ctx.kube.get(entity)
    except NotFoundError:
        return [CreateEdit(target=entity, manifest=manifest)]
    raise RetryWithOtherArgumentsError(f"argument entity: {entity} exists")
