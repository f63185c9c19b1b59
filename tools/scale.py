"""How many pods a workload asks for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.action import Edit, PatchEdit, Risk
from aiops.tools.kit.arguments import EntityArg
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.rights import rules
from aiops.tools.kit.workload import read_target

KINDS = ("Deployment", "StatefulSet")


@tool(effect="changes", risk=Risk.LOW, needs=rules(("get", "patch"), *KINDS))
async def scale(
    ctx: Context,
    workload: EntityArg,
    replicas: Annotated[int, Field(ge=0, le=1000, description="pods wanted")],
) -> list[Edit]:
    """Set the number of replicas of a Deployment or StatefulSet."""
    await read_target(ctx, workload, KINDS, "workload")
    return [PatchEdit(target=workload, patch_type="merge", body={"spec": {"replicas": replicas}})]
