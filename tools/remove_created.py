"""An object that somebody created lately, taken away again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import DeleteEdit, Edit, Risk
from aiops.core.errors import NotPossibleError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.restarting import Restarted, restarts
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import CHANGE_TEMPLATE, read_target

KINDS = (
    "HorizontalPodAutoscaler",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "PodDisruptionBudget",
    "ResourceQuota",
    "ValidatingWebhookConfiguration",
)
"""Kinds that run nothing, hold no data and give no rights: what they ask for can be asked for again."""

WITHIN = 1.0
"""Seconds by which the moment may differ from the recorded one."""


@tool(effect="changes", risk=Risk.HIGH, needs=(*rules(("create", "delete", "get"), *KINDS), *CHANGE_TEMPLATE))
async def remove_created(
    ctx: Context,
    entity: EntityArg,
    created_at: Annotated[float, Field(ge=0, description="when it was created, in unix seconds")],
    restart: Restarted = (),
) -> list[Edit]:
    """Delete an object whose creation the change history has recorded: what worked without it does so again."""
    await read_target(ctx, entity, KINDS, "entity")
    if ctx.changes is None:
        raise NotPossibleError("no change recorder is running, so nobody knows whether anything worked without it")
    place = (entity.namespace,) if entity.namespace else ("",)
    changes = await ctx.changes.changes(created_at - WITHIN, created_at + WITHIN, place)
    if not any(change.entity == entity and change.verb == "created" for change in changes):
        raise NotPossibleError(f"the change history does not know that {entity} was created then")
    return [DeleteEdit(target=entity), *await restarts(ctx, restart)]
