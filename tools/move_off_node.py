"""Pods away from a node that is ill."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.clock import rfc3339
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError, RetryWithOtherArgumentsError
from aiops.core.wellknown import RESTARTED_AT
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

KINDS = ("Deployment",)
"""Kinds whose pods may start anywhere: what keeps data or belongs to the node stays."""

MOST = 30


@tool(effect="changes", risk=Risk.HIGH, needs=rules(("get", "patch"), "Node", *KINDS))
async def move_off_node(
    ctx: Context,
    node: EntityArg,
    restart: Annotated[list[EntityArg], Field(min_length=1, max_length=MOST, description="Deployments to move")],
) -> list[Edit]:
    """Cordon a node and replace the pods of some Deployments step by step, so that the new ones start elsewhere.

    Nothing is evicted: each Deployment keeps to its own rollout settings. Undoing it opens the node again."""
    manifest = await read_target(ctx, node, ("Node",), "node")
    if manifest["spec"].get("unschedulable"):
        raise NotPossibleError(f"{node} takes no new pods already")
    if len(set(restart)) < len(restart):
        raise RetryWithOtherArgumentsError("argument restart: one of them is named twice")
    for workload in restart:
        await read_target(ctx, workload, KINDS, "restart")
    cordon = PatchEdit(target=node, patch_type="merge", body={"spec": {"unschedulable": True}})
    moment = rfc3339(await ctx.clock.sync())
    return [cordon, *(_restart(workload, moment) for workload in restart)]


def _restart(workload: Entity, moment: str) -> PatchEdit:
    body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: moment}}}}}
    return PatchEdit(target=workload, patch_type="merge", body=body)
