"""A deleted object, as the change history knows it."""

from __future__ import annotations

from aiops.core.action import CreateEdit, Edit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.deleted import Moment, read_deleted
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules

KINDS = ("ConfigMap", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "Service")
"""Kinds whose whole desired state the history holds, that run no pods and give no rights. Not Secret: of one it knows
hashes alone. What gives rights comes back by `recreate_grant`."""

RIGHTS = rules(("create", "delete", "get"), *KINDS)
"""Taking the creation back is a deletion."""


@tool(effect="changes", risk=Risk.MEDIUM, needs=RIGHTS)
async def recreate_object(ctx: Context, entity: EntityArg, deleted_at: Moment) -> list[Edit]:
    """Create a deleted object again, as it was just before its deletion. Secrets cannot be brought back."""
    return [CreateEdit(target=entity, manifest=await read_deleted(ctx, entity, deleted_at, KINDS))]
