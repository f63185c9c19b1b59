"""New pods for a workload whose template stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit
from aiops.core.clock import rfc3339
from aiops.core.entity import WORKLOAD_KINDS, Entity
from aiops.core.wellknown import RESTARTED_AT
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.workload import read_target

Restarted = Annotated[
    tuple[EntityArg, ...], Field(max_length=20, description="workloads whose pods are replaced step by step afterwards")
]


async def restarts(ctx: Context, workloads: Sequence[Entity]) -> list[Edit]:
    """The edits by which `kubectl rollout restart` begins a rollout."""
    body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: rfc3339(await ctx.clock.sync())}}}}}
    for workload in workloads:
        await read_target(ctx, workload, WORKLOAD_KINDS, "restart")
    return [PatchEdit(target=workload, patch_type="merge", body=body) for workload in workloads]
