"""New pods for a workload, one after another."""

from __future__ import annotations

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.clock import rfc3339
from aiops.core.entity import WORKLOAD_KINDS
from aiops.core.wellknown import RESTARTED_AT
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), *WORKLOAD_KINDS))
async def rollout_restart(ctx: Context, workload: EntityArg) -> list[Edit]:
    """Replace the pods of a workload step by step, as `kubectl rollout restart` does; its settings stay."""
    await read_target(ctx, workload, WORKLOAD_KINDS, "workload")
    annotations = {RESTARTED_AT: rfc3339(await ctx.clock.sync())}
    body = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    return [PatchEdit(target=workload, patch_type="merge", body=body)]
