"""How many pods several workloads ask for, in one step."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

KINDS = ("Deployment", "StatefulSet")
MOST = 20

Replicas = Annotated[int, Field(ge=1, le=1000)]


@tool(effect="changes", risk=Risk.MEDIUM, needs=rules(("get", "patch"), *KINDS))
async def scale_together(
    ctx: Context,
    workloads: Annotated[list[EntityArg], Field(min_length=1, max_length=MOST, description="the first one leads")],
    replicas: Annotated[list[Replicas], Field(min_length=1, max_length=MOST, description="pods wanted, by workload")],
) -> list[Edit]:
    """Set the numbers of replicas of several Deployments or StatefulSets that can only carry a load together."""
    if len(workloads) != len(replicas) or len(set(workloads)) < len(workloads):
        raise RetryWithOtherArgumentsError("arguments workloads, replicas: one number for each, and none named twice")
    for workload in workloads:
        await read_target(ctx, workload, KINDS, "workloads")
    return [
        PatchEdit(target=workload, patch_type="merge", body={"spec": {"replicas": wanted}})
        for workload, wanted in zip(workloads, replicas, strict=True)
    ]
